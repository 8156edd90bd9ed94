package io.inferc.tensor;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** The implementations behind {@link Dataset}'s factories. */
final class Datasets {
  private Datasets() {}

  static Dataset inMemory(List<? extends Map<String, Tensor>> samples) {
    List<Map<String, Tensor>> copy = List.copyOf(samples);
    return new Dataset() {
      @Override
      public void forEach(Visitor visitor) {
        for (int i = 0; i < copy.size(); i++) {
          if (!visitor.visit(i, copy.get(i))) {
            return;
          }
        }
      }

      @Override
      public OptionalLong size() {
        return OptionalLong.of(copy.size());
      }
    };
  }

  static Dataset generated(long count, LongFunction<? extends Map<String, Tensor>> generator) {
    checkCount(count);
    return new Dataset() {
      @Override
      public void forEach(Visitor visitor) {
        boolean more = true;
        for (long i = 0; i < count && more; i++) {
          more = visitAndClose(visitor, i, generator.apply(i));
        }
      }

      @Override
      public OptionalLong size() {
        return OptionalLong.of(count);
      }
    };
  }

  static Dataset streaming(Supplier<? extends Iterator<? extends Map<String, Tensor>>> iterators) {
    return new Dataset() {
      @Override
      public void forEach(Visitor visitor) {
        try (Source source = new Source(iterators.get())) {
          boolean more = true;
          for (long i = 0; more && source.samples().hasNext(); i++) {
            more = visitAndClose(visitor, i, source.samples().next());
          }
        }
      }

      @Override
      public OptionalLong size() {
        return OptionalLong.empty();
      }
    };
  }

  static Dataset limit(Dataset source, long count) {
    checkCount(count);
    return new Dataset() {
      @Override
      public void forEach(Visitor visitor) {
        if (count > 0) {
          source.forEach((i, sample) -> visitor.visit(i, sample) && i + 1 < count);
        }
      }

      @Override
      public OptionalLong size() {
        OptionalLong all = source.size();
        return all.isPresent() ? OptionalLong.of(Math.min(all.getAsLong(), count)) : all;
      }
    };
  }

  /** What a visit closes at its end; where both fail, the visit's own failure is thrown. */
  private record Source(Iterator<? extends Map<String, Tensor>> samples) implements AutoCloseable {
    @Override
    public void close() {
      closeIfPossible(samples);
    }
  }

  private static boolean visitAndClose(
      Dataset.Visitor visitor, long index, Map<String, Tensor> sample) {
    try {
      return visitor.visit(index, sample);
    } finally {
      sample.values().forEach(Tensor::close);
    }
  }

  private static void closeIfPossible(Iterator<?> iterator) {
    if (iterator instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new InfercException(
            Stage.RUN,
            "Tried to close the source of a data set, but it failed: " + e.getMessage() + ".",
            "Look at the cause; the samples themselves were read.",
            e);
      }
    }
  }

  private static void checkCount(long count) {
    if (count < 0) {
      throw new IllegalArgumentException(
          "Tried to make a data set of " + count + " samples; the count must be 0 or more.");
    }
  }
}
