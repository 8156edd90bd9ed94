package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import java.util.Map;
import java.util.Optional;

/**
 * What holds for every pass and every model, whatever a test is about. {@link PassFixture} checks
 * it each time a pass is applied.
 */
final class PassChecks {
  private PassChecks() {}

  /** A pass gives back what it did not change, and not another object that is equal. */
  static void requireSameObjectIfEqual(OnnxModel before, OnnxModel after) {
    if (before != after) {
      assertNotEquals(before, after, "an equal model was returned as a new one");
    }
  }

  /** A model is called as before. */
  static void requireSameInterface(OnnxModel before, OnnxModel after) {
    assertEquals(before.graph().requiredInputs(), after.graph().requiredInputs(), "inputs");
    assertEquals(before.graph().outputs(), after.graph().outputs(), "outputs");
  }

  /** A pass has nothing to do on what it made. */
  static void requireIdempotent(GraphPass pass, OnnxModel after) {
    if (pass.notApplicable(after).isPresent()) {
      return;
    }
    OnnxModel twice = pass.apply(after, new RewriteLog());
    assertSame(
        after,
        twice,
        () ->
            "the pass changed its own result:\n"
                + GraphText.of(after.graph())
                + "\n"
                + GraphText.of(twice.graph()));
  }

  /**
   * A model computes what it did. Nothing is compared where ONNX Runtime cannot run the model as it
   * was, or nobody knows what its inputs look like.
   *
   * @param deviation the largest norm of the difference of an output, relative to its own
   */
  static void requireSameResults(OnnxModel before, OnnxModel after, double deviation) {
    if (before == after || before.graph().requiredInputs().stream().anyMatch(i -> !isPlain(i))) {
      return;
    }
    Map<String, Tensor> inputs = RandomNetworks.inputs(before.graph(), 7);
    try {
      Optional<Map<String, Output>> expected = tryRun(before, inputs);
      if (expected.isPresent()) {
        Map<String, Output> actual = run(after, inputs);
        assertEquals(expected.get().keySet(), actual.keySet());
        expected.get().forEach((name, e) -> requireClose(name, e, actual.get(name), deviation));
      }
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }

  private static boolean isPlain(ValueInfo input) {
    return input.tensor().isPresent()
        && RandomNetworks.TYPES.contains(input.tensor().get().type())
        && input.tensor().get().shape().dimensions().isPresent()
        && input.tensor().get().shape().dimensions().get().stream()
                .mapToLong(d -> size(d))
                .reduce(1, Math::multiplyExact)
            < 10_000_000;
  }

  private static long size(Dimension dimension) {
    return dimension.size().orElse(4);
  }

  private static void requireClose(String name, Output expected, Output actual, double deviation) {
    assertArrayEquals(expected.shape(), actual.shape(), name);
    double difference = 0;
    double whole = 0;
    for (int i = 0; i < expected.values().length; i++) {
      double e = expected.values()[i];
      double a = actual.values()[i];
      // What was no number may become one: masks that cover a whole row are made to.
      if (Double.isFinite(e)) {
        difference += (e - a) * (e - a);
        whole += e * e;
      }
    }
    double relative = Math.sqrt(difference / Math.max(whole, 1e-12));
    assertTrue(
        relative <= deviation,
        () -> name + " computes something else: relative to its norm it differs by " + relative);
  }

  private static Optional<Map<String, Output>> tryRun(OnnxModel model, Map<String, Tensor> inputs) {
    try {
      return Optional.of(OrtRunner.run(model, OrtRunner.of(inputs)));
    } catch (OrtException e) {
      return Optional.empty();
    }
  }

  private static Map<String, Output> run(OnnxModel model, Map<String, Tensor> inputs) {
    try {
      return OrtRunner.run(model, OrtRunner.of(inputs));
    } catch (OrtException e) {
      throw new AssertionError(
          "ONNX Runtime ran the model before the pass, and cannot run "
              + GraphText.of(model.graph()),
          e);
    }
  }
}
