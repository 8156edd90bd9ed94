package io.inferc;

import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.cleanup.AdditionOrder;
import io.inferc.rewrite.cleanup.AffineFolding;
import io.inferc.rewrite.cleanup.AttentionFusion;
import io.inferc.rewrite.cleanup.BatchNormFolding;
import io.inferc.rewrite.cleanup.CastLikeResolution;
import io.inferc.rewrite.cleanup.CommonSubexpressions;
import io.inferc.rewrite.cleanup.ConstantFolding;
import io.inferc.rewrite.cleanup.ConstantSharing;
import io.inferc.rewrite.cleanup.DeadNodeElimination;
import io.inferc.rewrite.cleanup.FixedConstants;
import io.inferc.rewrite.cleanup.GeluFusion;
import io.inferc.rewrite.cleanup.GeluKernelFusion;
import io.inferc.rewrite.cleanup.HardSwishFusion;
import io.inferc.rewrite.cleanup.IdentityElimination;
import io.inferc.rewrite.cleanup.LayerNormFusion;
import io.inferc.rewrite.cleanup.MatMulMerging;
import io.inferc.rewrite.cleanup.ShapeDeclaration;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.cleanup.ZipMapRemoval;
import io.inferc.rewrite.half.HalfPrecision;
import io.inferc.rewrite.quantize.ActivationAwareScaling;
import io.inferc.rewrite.quantize.BiasCorrection;
import io.inferc.rewrite.quantize.DynamicQuantization;
import io.inferc.rewrite.quantize.SmoothQuant;
import io.inferc.rewrite.quantize.StaticQuantization;
import io.inferc.rewrite.quantize.WeightOnlyQuantization;

/** All passes, a line each, in the order in which a compilation has them. */
enum PassIndex {
  ZIP_MAP(ZipMapRemoval.class, "returns a classifier's scores as a tensor, not as maps"),
  FIXED_CONSTANTS(FixedConstants.class, "fixes constants that were inputs too"),
  SHAPES(ShapeDeclaration.class, "declares the proved shapes of tensors between nodes"),
  NAMES(UniqueNames.class, "gives each node a name of its own"),
  CAST_LIKE(CastLikeResolution.class, "turns CastLike into Cast where the type is known"),
  CONSTANTS(ConstantFolding.class, "computes what depends on constants alone"),
  IDENTITIES(IdentityElimination.class, "removes nodes that change nothing"),
  COMMON(CommonSubexpressions.class, "merges nodes that compute the same"),
  BATCH_NORM(BatchNormFolding.class, "folds batch normalization into the layer before it"),
  HARD_SWISH(HardSwishFusion.class, "writes hard-swish with HardSigmoid"),
  AFFINE(AffineFolding.class, "folds constant factors and sums into convolutions"),
  LAYER_NORM(LayerNormFusion.class, "writes layer normalization as one operator"),
  GELU(GeluFusion.class, "writes Gelu as one operator"),
  DEAD(DeadNodeElimination.class, "removes what no output needs"),
  SHARING(ConstantSharing.class, "keeps equal constants once"),
  WEIGHT_SCALES(ActivationAwareScaling.class, "scales weights by the inputs that they meet"),
  SMOOTHING(SmoothQuant.class, "moves outliers of activations into weights"),
  BIASES(BiasCorrection.class, "takes the mean error of quantized weights out of biases"),
  STATIC(StaticQuantization.class, "writes INT8 with scales from calibration"),
  DYNAMIC(DynamicQuantization.class, "writes INT8 with scales measured at run time"),
  WEIGHTS(WeightOnlyQuantization.class, "writes weights alone as integers in blocks"),
  HALF(HalfPrecision.class, "writes FP16 or BF16"),
  ADDITIONS(AdditionOrder.class, "adds what is broadcast first, so that a norm fuses with the sum"),
  ATTENTION(AttentionFusion.class, "writes attention as one operator of ONNX Runtime"),
  GELU_KERNEL(GeluKernelFusion.class, "writes Gelu as one operator of ONNX Runtime"),
  MERGING(MatMulMerging.class, "merges products with one input; in no pipeline, see there");

  private final Class<? extends GraphPass> pass;
  private final String does;

  PassIndex(Class<? extends GraphPass> pass, String does) {
    this.pass = pass;
    this.does = does;
  }

  Class<? extends GraphPass> pass() {
    return pass;
  }

  /** What the pass does: the end of a sentence that begins with its name. */
  String does() {
    return does;
  }
}
