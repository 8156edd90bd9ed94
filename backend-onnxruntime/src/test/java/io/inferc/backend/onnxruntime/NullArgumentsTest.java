package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.LayerDiff;
import io.inferc.accuracy.ReferenceOutputs;
import io.inferc.common.Cancellation;
import io.inferc.execution.StatefulSession;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.NullArguments;
import io.inferc.testing.SmallModels;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Null is refused by name also by what needs a back end to be made. */
class NullArgumentsTest {
  @Test
  void nobodyTakesNull() {
    OnnxModel model = SmallModels.addConstant(4);
    Compiler compiler =
        Compiler.forTarget(Target.onnxRuntime()).precision(Precision.int8Dynamic()).build();
    Dataset samples = Dataset.generated(2, i -> Map.of("x", Tensor.of(new float[4], 4)));
    Map<Class<?>, Object> receivers = new HashMap<>();
    receivers.put(Compiler.class, compiler);
    receivers.put(ModelRewriter.class, compiler.rewriter(model));
    receivers.put(LayerDiff.class, compiler.layerDiff(model, model));
    receivers.put(Dataset.class, samples);
    try (CompiledModel compiled = compiler.compile(model);
        InferenceSession session = compiled.newSession();
        ReferenceOutputs reference =
            ReferenceOutputs.record(compiled, samples, null, new Cancellation());
        Tensor x = Tensor.of(new float[4], 4);
        Outputs outputs = compiled.run(Map.of("x", x));
        StatefulSession stateful = StatefulSession.builder(compiled).state("x", "y").open()) {
      receivers.put(CompiledModel.class, compiled);
      receivers.put(InferenceSession.class, session);
      receivers.put(ReferenceOutputs.class, reference);
      receivers.put(Outputs.class, outputs);
      receivers.put(StatefulSession.class, stateful);
      assertEquals(
          Set.of(),
          NullArguments.accepted(
              Set.of(
                  "io.inferc",
                  "io.inferc.accuracy",
                  "io.inferc.backend.onnxruntime",
                  "io.inferc.benchmark",
                  "io.inferc.calibrate",
                  "io.inferc.execution.StatefulSession",
                  "io.inferc.execution.StatefulSession$Builder",
                  "io.inferc.onnx",
                  "io.inferc.rewrite.layer.LayerRule",
                  "io.inferc.rewrite.layer.LayerSelector",
                  "io.inferc.runtime",
                  "io.inferc.search"),
              Set.of("io.inferc.runtime"),
              300,
              receivers));
    }
  }
}
