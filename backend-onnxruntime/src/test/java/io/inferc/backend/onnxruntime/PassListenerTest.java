package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.PassRecord;
import io.inferc.runtime.Target;
import io.inferc.testing.RandomNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looking at the model between passes. */
class PassListenerTest {
  private static final OnnxModel MODEL = RandomNetworks.transformer(5, 17);

  private static Compiler compiler(PassListener listener) {
    return Compiler.forTarget(Target.onnxRuntime())
        .precision(Precision.int8Dynamic())
        .passListener(listener)
        .build();
  }

  @Test
  void aListenerHearsOfAllPassesOfACompilation() {
    List<PassRecord> heard = new ArrayList<>();
    compiler((pass, after) -> heard.add(pass)).compile(MODEL).close();
    List<String> names = heard.stream().map(PassRecord::pass).toList();
    assertTrue(
        names.containsAll(List.of("fold-constants", "quantize-dynamic", "fuse-attention")),
        names::toString);
    PassRecord dynamic =
        heard.stream().filter(p -> p.pass().equals("quantize-dynamic")).findFirst().orElseThrow();
    assertTrue(dynamic.changed() && dynamic.nodesAfter() > dynamic.nodesBefore(), heard::toString);
    PassRecord gelu =
        heard.stream().filter(p -> p.pass().equals("fuse-gelu")).findFirst().orElseThrow();
    assertTrue(gelu.notApplied().orElse("").contains("opset 20"), gelu::toString);
  }

  @Test
  void aRewriterTellsWhatItsPassesCameTo() {
    ModelRewriter rewriter = compiler(PassListener.none()).rewriter(MODEL);
    int cleanUp = rewriter.passes().size();
    rewriter.rewrite(rewriter.plan());
    List<PassRecord> once = rewriter.passes();
    assertTrue(cleanUp > 10 && once.size() > cleanUp, once::toString);
    rewriter.rewrite(rewriter.plan());
    assertEquals(once.size(), rewriter.passes().size(), "of the last rewriting only");
  }

  @Test
  void thePropertyWritesTheModelAfterEachPassThatChangedIt(@TempDir Path folder)
      throws IOException {
    System.setProperty("inferc.dump", folder.toString());
    try {
      compiler(PassListener.none()).compile(MODEL).close();
    } finally {
      System.clearProperty("inferc.dump");
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> models = files.filter(Files::isRegularFile).sorted().toList();
      assertTrue(
          models.stream().anyMatch(m -> m.toString().endsWith("-quantize-dynamic.onnx")),
          models::toString);
      for (Path model : models) {
        assertEquals(List.of(), OnnxModel.load(model).check(), model::toString);
      }
    }
  }
}
