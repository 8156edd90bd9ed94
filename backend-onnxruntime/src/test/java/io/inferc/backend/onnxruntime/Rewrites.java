package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Checks that every rewrite of a model must pass. */
final class Rewrites {
  private Rewrites() {}

  /** Applies a pass that must change the model, validly and for good. */
  static OnnxModel applied(GraphPass pass, OnnxModel model) {
    RewriteLog log = new RewriteLog();
    OnnxModel changed = pass.apply(model, log);
    assertNotSame(model, changed);
    assertEquals(List.of(), changed.check());
    assertSame(changed, pass.apply(changed, new RewriteLog()), "applied twice, it changed more");
    assertTrue(log.notes().stream().anyMatch(n -> n.pass().equals(pass.name())));
    assertEquals(changed, pass.apply(model, new RewriteLog()), "applied again, it differs");
    return changed;
  }

  /** Returns the largest difference of two models' outputs, relative to the largest value. */
  static double difference(OnnxModel a, OnnxModel b, Map<String, Tensor> inputs) {
    Map<String, float[]> expected = run(a, inputs);
    Map<String, float[]> actual = run(b, inputs);
    assertEquals(expected.keySet(), actual.keySet());
    double worst = 0;
    for (Map.Entry<String, float[]> e : expected.entrySet()) {
      float[] x = e.getValue();
      float[] y = actual.get(e.getKey());
      assertEquals(x.length, y.length, e.getKey());
      double scale = 1e-20;
      double difference = 0;
      for (int i = 0; i < x.length; i++) {
        scale = Math.max(scale, Math.abs(x[i]));
        difference = Math.max(difference, Math.abs(x[i] - y[i]));
      }
      worst = Math.max(worst, difference / scale);
    }
    return worst;
  }

  static Map<String, float[]> run(OnnxModel model, Map<String, Tensor> inputs) {
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model)) {
      Map<String, float[]> values = new LinkedHashMap<>();
      compiled
          .run(inputs)
          .forEach(
              (name, tensor) -> {
                if (tensor.type() == DataType.FLOAT32) {
                  values.put(name, tensor.toFloatArray());
                }
                tensor.close();
              });
      return values;
    }
  }

  /** Returns normally distributed inputs; each open dimension has the size given. */
  static Map<String, Tensor> inputs(OnnxModel model, long seed, long... open) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = new HashMap<>();
    model
        .graph()
        .requiredInputs()
        .forEach(
            i -> {
              TensorSpec spec = i.tensor().orElseThrow();
              List<Dimension> dimensions = spec.shape().dimensions().orElseThrow();
              long[] shape = new long[dimensions.size()];
              long count = 1;
              for (int axis = 0, k = 0; axis < shape.length; axis++) {
                shape[axis] =
                    dimensions.get(axis).isFixed()
                        ? dimensions.get(axis).size().getAsLong()
                        : open[k++];
                count *= shape[axis];
              }
              float[] values = new float[(int) count];
              for (int v = 0; v < values.length; v++) {
                values[v] = (float) random.nextGaussian();
              }
              inputs.put(spec.name(), Tensor.of(values, shape));
            });
    return inputs;
  }

  static long count(OnnxModel model, String opType) {
    return model.graph().nodes().stream().filter(n -> n.opType().equals(opType)).count();
  }
}
