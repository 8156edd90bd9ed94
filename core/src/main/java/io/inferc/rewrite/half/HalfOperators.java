package io.inferc.rewrite.half;

import java.util.HashSet;
import java.util.Set;

/** Groups of operators that a conversion to half precision treats alike. */
final class HalfOperators {
  private HalfOperators() {}

  /** They move values and compute nothing. */
  static final Set<String> MOVING =
      Set.of(
          "Cast",
          "Compress",
          "Concat",
          "DepthToSpace",
          "Expand",
          "Flatten",
          "Gather",
          "GatherElements",
          "GatherND",
          "Identity",
          "Pad",
          "Reshape",
          "ReverseSequence",
          "ScatterElements",
          "ScatterND",
          "Slice",
          "SpaceToDepth",
          "Split",
          "Squeeze",
          "Tile",
          "Transpose",
          "Trilu",
          "Unsqueeze");

  /** They answer with something else than a floating-point number. */
  static final Set<String> COMPARING =
      Set.of("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual");

  /** Arithmetic that computations with sizes, positions and counts are made of. */
  static final Set<String> ARITHMETIC =
      Set.of(
          "Abs",
          "Add",
          "Ceil",
          "Clip",
          "Cos",
          "CumSum",
          "Div",
          "Exp",
          "Floor",
          "Log",
          "Max",
          "Min",
          "Mod",
          "Mul",
          "Neg",
          "Pow",
          "Reciprocal",
          "ReduceMax",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "Round",
          "Sign",
          "Sin",
          "Sqrt",
          "Sub",
          "Where");

  static final Set<String> EXACT = union(union(MOVING, ARITHMETIC), COMPARING);

  /** On the way from positions to the angles of sines and cosines there is a product, too. */
  static final Set<String> ANGLES = union(EXACT, Set.of("MatMul", "Einsum"));

  /** Their results differ for each element type asked for, or are drawn at random. */
  static final Set<String> GENERATING =
      Set.of(
          "Bernoulli",
          "BlackmanWindow",
          "HammingWindow",
          "HannWindow",
          "MelWeightMatrix",
          "Multinomial",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike");

  /** They accumulate what half precision has too few digits or too little range for. */
  static final Set<String> ACCUMULATING =
      Set.of(
          "CumProd",
          "CumSum",
          "LpNormalization",
          "ReduceL2",
          "ReduceLogSumExp",
          "ReduceProd",
          "ReduceSumSquare");

  /** Moderate inputs can make them leave the range of FP16. */
  static final Set<String> GROWING =
      Set.of("Exp", "Pow", "Reciprocal", "ReduceL1", "ReduceLogSum", "ReduceSum");

  /** What makes the square root of a variance, or a divisor, of a sum with an epsilon. */
  static final Set<String> AFTER_EPSILON =
      Set.of("Expand", "Log", "Pow", "Reciprocal", "Reshape", "Sqrt", "Squeeze", "Unsqueeze");

  /** A quantization may as well stand before them; casts are those of an earlier conversion. */
  static final Set<String> PASSING =
      Set.of(
          "Cast",
          "Concat",
          "DepthToSpace",
          "Flatten",
          "Identity",
          "MaxPool",
          "Reshape",
          "Slice",
          "SpaceToDepth",
          "Split",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  /** What activation functions are made of, spelled out or whole. */
  static final Set<String> ACTIVATING =
      Set.of(
          "Add",
          "Celu",
          "Clip",
          "Div",
          "Elu",
          "Erf",
          "Exp",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "LeakyRelu",
          "Log",
          "Max",
          "Min",
          "Mish",
          "Mul",
          "Neg",
          "PRelu",
          "Pow",
          "Relu",
          "Selu",
          "Sigmoid",
          "Softplus",
          "Softsign",
          "Sub",
          "Tanh",
          "ThresholdedRelu");

  private static Set<String> union(Set<String> a, Set<String> b) {
    Set<String> both = new HashSet<>(a);
    both.addAll(b);
    return Set.copyOf(both);
  }
}
