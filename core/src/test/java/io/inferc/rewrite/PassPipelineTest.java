package io.inferc.rewrite;

import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pipeline asks of passes, before it runs and while it does. */
class PassPipelineTest {
  private static final OnnxModel MODEL =
      model(
          17,
          "n",
          g ->
              g.initializer(scalar("one", 1))
                  .node(node("a", "Add", List.of("x", "one")))
                  .node(node("b", "Relu", List.of("x")))
                  .node(node("y", "Neg", List.of("a"))));

  /** Removes one node, if it is there. */
  private abstract static class Removal implements GraphPass {
    @Override
    public OnnxModel apply(OnnxModel model, RewriteLog log) {
      return model.graph().nodes().stream()
          .filter(n -> n.name().equals("b"))
          .findFirst()
          .map(n -> model.withGraph(model.graph().edit().remove(n).build()))
          .orElse(model);
    }
  }

  private static final class First extends Removal {
    @Override
    public String name() {
      return "first";
    }
  }

  private static final class Second extends Removal {
    @Override
    public String name() {
      return "second";
    }

    @Override
    public PassNeeds needs() {
      return PassNeeds.nothing().follows(First.class);
    }
  }

  private static final class Third extends Removal {
    @Override
    public String name() {
      return "third";
    }

    @Override
    public PassNeeds needs() {
      return PassNeeds.nothing().requires(First.class);
    }
  }

  private static final class Newer extends Removal {
    @Override
    public String name() {
      return "newer";
    }

    @Override
    public PassNeeds needs() {
      return PassNeeds.nothing().opset(18).operators("Gelu");
    }
  }

  @Test
  void aPassMayNotRunBeforeOneThatItFollows() {
    assertEquals(2, PassPipeline.of(new First(), new Second()).passes().size());
    assertEquals(1, PassPipeline.of(new Second()).passes().size());
    // What runs a second time was there before.
    assertEquals(3, PassPipeline.of(new First(), new Second(), new First()).passes().size());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> PassPipeline.of(new Second(), new First()));
    assertEquals(
        "Tried to build a pipeline with the pass second, but it needs First, which runs only after"
            + " it. Put that one before Second.",
        e.getMessage());
  }

  @Test
  void aPassMayNotRunWithoutOneThatItRequires() {
    assertThrows(IllegalArgumentException.class, () -> PassPipeline.of(new Third()));
    assertThrows(IllegalArgumentException.class, () -> PassPipeline.of(new Third(), new First()));
    assertEquals(2, PassPipeline.of(new First(), new Third()).passes().size());
    PassPipeline before = PassPipeline.of(new First());
    PassPipeline next = PassPipeline.builder().after(before).add(new Third()).build();
    assertEquals(List.of("third"), next.passes().stream().map(GraphPass::name).toList());
    assertEquals(
        1,
        PassPipeline.builder().after(next).add(new Third()).build().passes().size(),
        "as before");
  }

  @Test
  void eachPassIsRecordedWithItsNodesAndTheReasonWhereItDoesNotApply() {
    RewriteLog log = new RewriteLog();
    OnnxModel after = PassPipeline.of(new Newer(), new First(), new Second()).apply(MODEL, log);
    assertEquals(2, after.graph().nodes().size());
    List<PassRecord> passes = log.passes();
    assertEquals(
        List.of("newer", "first", "second"), passes.stream().map(PassRecord::pass).toList());
    assertEquals(
        Optional.of("It needs opset 18, and the model imports 17."), passes.get(0).notApplied());
    assertEquals(List.of(false, true, false), passes.stream().map(PassRecord::changed).toList());
    assertEquals(List.of(3, 3, 2), passes.stream().map(PassRecord::nodesBefore).toList());
    assertEquals(List.of(3, 2, 2), passes.stream().map(PassRecord::nodesAfter).toList());
    assertTrue(passes.stream().noneMatch(p -> p.time().isNegative()), passes::toString);
  }

  @Test
  void aPassThatWritesWhatTheTargetIsSlowAtDoesNotApply() {
    OnnxModel newer = model(20, "n", g -> g.node(node("y", "Relu", List.of("x"))));
    RewriteLog log = new RewriteLog();
    PassPipeline.builder().avoid(Set.of("Gelu")).add(new Newer()).build().apply(newer, log);
    assertEquals(
        Optional.of("It writes [Gelu], of which the target has no fast kernel."),
        log.passes().get(0).notApplied());
    RewriteLog free = new RewriteLog();
    PassPipeline.of(new Newer()).apply(newer, free);
    assertEquals(Optional.empty(), free.passes().get(0).notApplied());
  }

  @Test
  void aFaultOfAPassNamesThePassAndTheModel() {
    GraphPass faulty =
        new Removal() {
          @Override
          public String name() {
            return "faulty";
          }

          @Override
          public OnnxModel apply(OnnxModel model, RewriteLog log) {
            throw new NoSuchElementException("no attribute axis");
          }
        };
    InfercException e =
        assertThrows(
            InfercException.class, () -> PassPipeline.of(faulty).apply(MODEL, new RewriteLog()));
    assertTrue(e.getMessage().contains("'test' with the pass faulty"), e::getMessage);
    assertTrue(e.getMessage().contains("no attribute axis"), e::getMessage);
  }

  @Test
  void aListenerSeesTheModelAfterEachPass() {
    List<String> seen = new ArrayList<>();
    PassListener listener = (pass, model) -> seen.add(pass.pass() + model.graph().nodes().size());
    OnnxModel after =
        PassPipeline.builder()
            .listener(listener.and(PassListener.none()))
            .add(List.of(new Newer(), new First()))
            .build()
            .apply(MODEL, new RewriteLog());
    assertEquals(List.of("newer3", "first2"), seen);
    assertSame(after, PassPipeline.of(new First()).apply(after, new RewriteLog()));
  }

  @Test
  void aDumpHasEachModelThatAPassChanged(@TempDir Path temp) throws IOException {
    Path folder = temp.resolve("not/yet");
    PassPipeline pipeline =
        PassPipeline.builder()
            .listener(PassListener.dump(folder))
            .add(List.of(new Newer(), new First(), new Second()))
            .build();
    OnnxModel after = pipeline.apply(MODEL, new RewriteLog());
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> models = files.filter(Files::isRegularFile).toList();
      assertEquals(1, models.size(), models::toString);
      assertEquals("002-first.onnx", models.get(0).getFileName().toString());
      assertEquals(after, OnnxModel.load(models.get(0)));
    }
  }

  @Test
  void aDumpThatCannotBeWrittenSaysSo(@TempDir Path temp) throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "");
    PassPipeline pipeline =
        PassPipeline.builder().listener(PassListener.dump(file)).add(new First()).build();
    InfercException e =
        assertThrows(InfercException.class, () -> pipeline.apply(MODEL, new RewriteLog()));
    assertTrue(e.getMessage().contains(file.toString()), e::getMessage);
  }
}
