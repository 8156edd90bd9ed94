package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Layers;
import io.inferc.Precision;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReadmeSnippetTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Path THIS_TEST =
      Path.of("src/test/java/io/inferc/backend/onnxruntime/ReadmeSnippetTest.java");

  @Test
  void theSnippetRunsOnTheModelItNames() {
    try (Tensor ids = Tensor.of(new long[] {101, 7592, 2088, 102, 0, 0, 0, 0}, 1, 8);
        Tensor mask = Tensor.of(new long[] {1, 1, 1, 1, 0, 0, 0, 0}, 1, 8);
        Tensor types = Tensor.of(new long[8], 1, 8)) {
      Map<String, Tensor> outputs = snippet(RealModels.MINILM.path(), samples(), ids, mask, types);
      try (Tensor hidden = outputs.get("last_hidden_state")) {
        assertArrayEquals(new long[] {1, 8, 384}, hidden.shape());
      }
    }
  }

  private static Dataset samples() {
    return Dataset.generated(
        20,
        i ->
            Map.of(
                "input_ids",
                Tensor.of(new Random(i).longs(12, 1000, 20_000).toArray(), 1, 12),
                "attention_mask",
                Tensor.of(LongStream.generate(() -> 1).limit(12).toArray(), 1, 12),
                "token_type_ids",
                Tensor.of(new long[12], 1, 12)));
  }

  private static Map<String, Tensor> snippet(
      Path file, Dataset samples, Tensor ids, Tensor mask, Tensor types) {
    // README, from here on
    Compiler compiler =
        Compiler.forTarget(Target.onnxRuntime())
            .precision(Precision.int8(samples).keep(Layers.firstAndLast(), DataType.FLOAT32))
            .profile(
                ShapeProfile.named("online")
                    .range("batch_size", 1, 8, 32)
                    .range("sequence_length", 8, 128, 512))
            .build();
    try (CompiledModel model = compiler.compile(file);
        InferenceSession session = model.newSession()) {
      Map<String, Tensor> outputs =
          session.run(Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types));
      // README, to here
      return outputs;
    }
  }

  @Test
  void theReadmeShowsWhatThisTestRuns() throws IOException {
    String readme = squeezed(between(Files.readString(README), "```java", "```"));
    String tested =
        squeezed(
            between(
                Files.readString(THIS_TEST),
                "// README, from " + "here on",
                "// README, to " + "here"));
    String shown = readme.replace("Path.of(\"all-minilm-l6-v2.onnx\")", "file");
    assertTrue(
        shown.startsWith(tested), () -> "README shows\n" + shown + "\nbut tested is\n" + tested);
  }

  private static String between(String text, String from, String to) {
    int start = text.indexOf(from) + from.length();
    return text.substring(start, text.indexOf(to, start));
  }

  private static String squeezed(String text) {
    return text.replaceAll("\\s+", "");
  }
}
