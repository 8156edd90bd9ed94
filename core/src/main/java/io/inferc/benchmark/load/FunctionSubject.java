package io.inferc.benchmark.load;

import io.inferc.common.CancelledException;
import java.util.function.Consumer;

/** A function as a subject. */
record FunctionSubject(String name, Consumer<? super Request> function) implements Subject {
  @Override
  public Caller newCaller() {
    return new Caller() {
      @Override
      public Answer call(Request request) {
        try {
          function.accept(request);
          return Answer.ok();
        } catch (CancelledException e) {
          throw e;
        } catch (RuntimeException e) {
          return Answer.failed(Answer.Outcome.FAILED, e.toString());
        }
      }

      @Override
      public void close() {}
    };
  }
}
