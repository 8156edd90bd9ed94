package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;
import static io.inferc.testing.TestGraphs.weights;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote.Kind;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstantFoldingTest {
  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new ConstantFolding()).model(model);
  }

  @Test
  void constantNodesBecomeInitializers() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.node(node("k", "Constant", List.of(), Attribute.of("value_float", 2f)))
                        .node(
                            node(
                                "l",
                                "Constant",
                                List.of(),
                                Attribute.of("value", Initializer.floats("", new float[] {3}, 1))))
                        .node(node("a", "Mul", List.of("x", "k")))
                        .node(node("y", "Add", List.of("a", "l")))))
        .check(
            """
            const k: FLOAT32[] = [2.0]
            const l: FLOAT32[1] = [3.0]
            a: Mul(x, k) -> a
            y: Add(a, l) -> y
            return y
            """)
        .checkSound(0);
  }

  @Test
  void arithmeticOnConstantsIsDoneAtOnce() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.initializer(scalar("two", 2))
                        .initializer(scalar("three", 3))
                        .node(node("six", "Mul", List.of("two", "three")))
                        .node(node("root", "Sqrt", List.of("six")))
                        .node(node("y", "Mul", List.of("x", "root")))))
        .check(
            """
            const two: FLOAT32[] = [2.0]
            const three: FLOAT32[] = [3.0]
            const six: FLOAT32[] = [6.0]
            const root: FLOAT32[] = [2.4494898]
            y: Mul(x, root) -> y
            return y
            """)
        .checkNote("root", Kind.CHANGED, "replaced by its value")
        .checkSound(0);
  }

  @Test
  void theKnownEntriesOfAShapeAreConstantThoughOthersAreOpen() {
    apply(
            model(
                17,
                "batch, 6",
                g ->
                    g.initializer(Initializer.longs("one", new long[] {1}))
                        .initializer(longs("zero", 0))
                        .node(node("shape", "Shape", List.of("x")))
                        .node(node("batch", "Gather", List.of("shape", "zero")))
                        .node(node("width", "Gather", List.of("shape", "one")))
                        .node(node("widths", "Unsqueeze", List.of("width", "zero")))
                        .node(
                            node(
                                "back",
                                "Concat",
                                List.of("batch", "widths"),
                                Attribute.of("axis", 0)))
                        .node(node("y", "Reshape", List.of("x", "back")))))
        .check(
            """
            const one: INT64[] = [1]
            const zero: INT64[1] = [0]
            const width: INT64[] = [6]
            const widths: INT64[1] = [6]
            shape: Shape(x) -> shape
            batch: Gather(shape, zero) -> batch
            back: Concat(batch, widths) -> back {axis=0}
            y: Reshape(x, back) -> y
            return y
            """)
        .checkSound(0);
  }

  @Test
  void aShapeThatIsFixedIsConstant() {
    apply(
            model(
                15,
                "4, 6",
                g ->
                    g.node(node("shape", "Shape", List.of("x"), Attribute.of("start", -1)))
                        .node(node("size", "Cast", List.of("shape"), Attribute.of("to", 1)))
                        .node(node("y", "Div", List.of("x", "size")))))
        .check(
            """
            const shape: INT64[1] = [6]
            const size: FLOAT32[1] = [6.0]
            y: Div(x, size) -> y
            return y
            """)
        .checkSound(0);
  }

  @Test
  void graphsInsideNodesSeeTheConstantsOutside() {
    Graph then =
        Graph.builder("then")
            .node(node("four", "Add", List.of("two", "two")))
            .node(node("t", "Mul", List.of("x", "four")))
            .output(floats("t"))
            .build();
    Graph otherwise =
        Graph.builder("else").node(node("e", "Neg", List.of("x"))).output(floats("e")).build();
    apply(
            model(
                17,
                "3",
                g ->
                    g.input(TensorSpec.of("c", DataType.BOOL, ""))
                        .node(node("two", "Constant", List.of(), Attribute.of("value_float", 2f)))
                        .node(
                            node(
                                "y",
                                "If",
                                List.of("c"),
                                Attribute.of("then_branch", then),
                                Attribute.of("else_branch", otherwise)))))
        .check(
            """
            const two: FLOAT32[] = [2.0]
            y: If(c) -> y
              else_branch:
                e: Neg(x) -> e
                return e
              then_branch:
                const four: FLOAT32[] = [4.0]
                t: Mul(x, four) -> t
                return t
            return y
            """)
        .checkSound(0);
  }

  @Test
  void dequantizedWeightsStayQuantized() {
    apply(
            model(
                17,
                "2, 2",
                g ->
                    g.initializer(
                            Initializer.longs("w", DataType.INT8, new long[] {1, 2, 3, 4}, 2, 2))
                        .initializer(scalar("s", 0.5))
                        .initializer(Initializer.longs("z", DataType.INT8, new long[] {0}))
                        .node(node("dq", "DequantizeLinear", List.of("w", "s", "z")))
                        .node(node("y", "MatMul", List.of("x", "dq")))))
        .checkUnchanged();
  }

  @Test
  void aConstantThatCallersMayReplaceIsNone() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.input(TensorSpec.of("default", DataType.FLOAT32, 1))
                        .initializer(Initializer.floats("default", new float[] {1}, 1))
                        .node(node("a", "Neg", List.of("default")))
                        .node(node("y", "Add", List.of("x", "a")))))
        .checkUnchanged();
  }

  @Test
  void outputsOfTheGraphStayWithTheirNodes() {
    apply(
            model(
                17,
                "n",
                g ->
                    g.node(node("y", "Relu", List.of("x")))
                        .node(node("z", "Constant", List.of(), Attribute.of("value_float", 2f)))
                        .output(floats("z"))))
        .checkUnchanged();
  }

  @Test
  void largeResultsAreLeftToTheRuntime() {
    apply(
            model(
                17,
                "1",
                g ->
                    g.initializer(longs("shape", 1000, 1000))
                        .node(node("zeros", "ConstantOfShape", List.of("shape")))
                        .node(node("y", "Add", List.of("x", "zeros")))))
        .checkUnchanged()
        .checkNote("zeros", Kind.LEFT_ALONE, "too large");
  }

  @Test
  void aDivisionByZeroIsLeftAlone() {
    apply(
            model(
                17,
                "1",
                g ->
                    g.initializer(longs("one", 1))
                        .initializer(longs("zero", 0))
                        .node(node("q", "Div", List.of("one", "zero")))
                        .node(node("f", "Cast", List.of("q"), Attribute.of("to", 1)))
                        .node(node("y", "Add", List.of("x", "f")))))
        .checkUnchanged()
        .checkNote("q", Kind.LEFT_ALONE, "not defined");
  }

  @Test
  void aTransposedWeightIsTransposedOnce() {
    PassFixture fixture =
        apply(
            model(
                17,
                "n, 3",
                g ->
                    g.initializer(weights("w", 5, 3))
                        .node(node("wt", "Transpose", List.of("w")))
                        .node(node("y", "MatMul", List.of("x", "wt")))));
    fixture
        .check(
            """
            const w: FLOAT32[5, 3]
            const wt: FLOAT32[3, 5]
            y: MatMul(x, wt) -> y
            return y
            """)
        .checkSound(0);
  }

  @Test
  void aModelOfAnOldVersionDeclaresItsNewConstantsAsInputs() {
    OnnxModel old =
        model(
            8,
            "1",
            g ->
                g.input(TensorSpec.of("two", DataType.FLOAT32, 1))
                    .initializer(Initializer.floats("two", new float[] {2}, 1))
                    .node(node("four", "Add", List.of("two", "two")))
                    .node(node("y", "Mul", List.of("x", "four"))));
    apply(old)
        .check(
            """
            const two: FLOAT32[1] = [2.0]
            const four: FLOAT32[1] = [4.0]
            y: Mul(x, four) -> y
            return y
            """)
        .checkSound(0);
    OnnxModel folded = apply(old).after();
    PassFixture.of(new DeadNodeElimination())
        .model(folded)
        .check(
            """
            const four: FLOAT32[1] = [4.0]
            y: Mul(x, four) -> y
            return y
            """)
        .checkSound(0);
  }

  @Test
  void randomNumbersAreNoConstants() {
    Node random =
        node(
            "r", "RandomNormal", List.of(), Attribute.ofInts("shape", 2), Attribute.of("seed", 1f));
    apply(model(17, "2", g -> g.node(random).node(node("y", "Add", List.of("x", "r")))))
        .checkUnchanged();
  }
}
