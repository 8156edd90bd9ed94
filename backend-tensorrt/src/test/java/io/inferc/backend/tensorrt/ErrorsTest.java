package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.backend.tensorrt.BuildFailure.At;
import io.inferc.backend.tensorrt.BuildFailure.Kind;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.testing.ContractModels;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  private static final Graph DENSE = ContractModels.dense().graph();
  private static final Graph ODD = ContractModels.unknownOperator().graph();

  private static InfercException said(Graph graph, BuildFailure failure, String... log) {
    InfercException e = Errors.build("m", graph, failure, List.of(log));
    assertEquals(Stage.COMPILE, e.stage());
    assertFalse(e.remedy().isBlank());
    assertTrue(e.problem().endsWith("."), e.problem());
    return e;
  }

  @Test
  void aNodeWithANameIsFoundByIt() {
    assertEquals(
        Optional.of("the node 'odd-one' (Frobnicate)"),
        Errors.node(ODD, new At(0, "odd-one", "Frobnicate")));
  }

  @Test
  void aNodeWithoutANameIsFoundByItsOutputOrItsNumber() {
    Optional<String> add = Optional.of("the node that makes 'xwc' (Add)");
    assertEquals(add, Errors.node(DENSE, new At(-1, "node_of_xwc", "Add")));
    assertEquals(add, Errors.node(DENSE, new At(1, "", "Add")));
  }

  @Test
  void aNumberThatPointsElsewhereIsNotBelieved() {
    assertEquals(Optional.of("the node Conv"), Errors.node(DENSE, new At(1, "", "Conv")));
    assertEquals(Optional.of("the node Conv c"), Errors.node(DENSE, new At(99, "c", "Conv")));
    assertEquals(Optional.empty(), Errors.node(DENSE, At.NOWHERE));
  }

  @Test
  void theParsersRefusalNamesTheNode() {
    BuildFailure failure =
        new BuildFailure(
            Kind.PARSE,
            "Assertion failed: creator && \"Plugin not found, are the plugin name right?\"",
            new At(0, "odd-one", "Frobnicate"),
            List.of());
    InfercException e = said(ODD, failure);
    assertTrue(e.problem().contains("'odd-one' (Frobnicate)"), e.problem());
    assertTrue(e.remedy().contains("no operator of that name"), e.remedy());
  }

  @Test
  void everyKindOfFailureHasARemedyAndSaysWhatTensorRtSaid() {
    for (Kind kind : Kind.values()) {
      InfercException e = said(DENSE, new BuildFailure(kind, "something."), "a line of the log");
      assertTrue(e.problem().contains("something"), e.problem());
      assertFalse(e.problem().contains("something..."), e.problem());
    }
    assertTrue(
        said(DENSE, new BuildFailure(Kind.BUILD, "x"), "a line of the log")
            .problem()
            .contains("a line of the log"));
  }

  @Test
  void memoryThatRanOutIsRecognized() {
    InfercException e =
        said(DENSE, new BuildFailure(Kind.BUILD, "no engine"), "Requested size ... OutOfMemory");
    assertTrue(e.remedy().contains("workspaceBytes"), e.remedy());
  }

  @Test
  void aMissingBuilderSaysWhereTheLibraryMustLie() {
    InfercException e = said(DENSE, new BuildFailure(Kind.NO_BUILDER, "TensorRT gave no builder"));
    assertTrue(e.remedy().contains("LD_LIBRARY_PATH"), e.remedy());
    assertTrue(e.remedy().contains("isolatedBuild"), e.remedy());
  }
}
