package io.inferc.benchmark.load;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Map;

/** A compiled model as a subject. */
record ModelSubject(CompiledModel model) implements Subject {
  @Override
  public String name() {
    return model.name() + " on " + model.target();
  }

  /** One, for a runtime divides each run among the processors, unless told not to. */
  @Override
  public int usualCallers() {
    return 1;
  }

  @Override
  public Caller newCaller() {
    return new SessionCaller(model.newSession());
  }

  private record SessionCaller(InferenceSession session) implements Caller {
    @Override
    public Answer call(Request request) {
      if (!(request instanceof TensorRequest tensors)) {
        throw new IllegalArgumentException(
            "Tried to ask a compiled model with a "
                + request.getClass().getSimpleName()
                + "; it takes TensorRequests.");
      }
      try {
        for (Map.Entry<String, Tensor> input : tensors.inputs().entrySet()) {
          fill(input.getKey(), input.getValue());
        }
        session.run();
        return Answer.ok();
      } catch (CancelledException e) {
        throw e;
      } catch (InfercException e) {
        return Answer.failed(Answer.Outcome.FAILED, String.valueOf(e.getMessage()));
      }
    }

    private void fill(String name, Tensor tensor) {
      if (tensor.type() == DataType.STRING) {
        session.bindInput(name, tensor);
      } else {
        session.input(name, tensor.shape()).copyFrom(tensor);
      }
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
