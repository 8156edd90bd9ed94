package io.inferc.testing.conformance;

import io.inferc.Precision;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** What is done to a model. */
enum Mode {
  /** Load, check and save: the saved model has everything that the file had. */
  SAVE(Noise.NONE),
  /** Compile as it is. */
  FP32(Noise.NONE),
  /** Clean up as every rewrite does, and compile. */
  CLEAN_UP(Noise.NONE),
  /** Write in the newest operator set that inferc writes, and compile. */
  UPGRADE(Noise.NONE),
  /** Half precision by rule. */
  FP16(Noise.HALF),
  /** Half precision by what the case's inputs make of it. */
  FP16_SAMPLES(Noise.HALF),
  /** Static INT8, calibrated with the case's inputs. */
  INT8(Noise.BYTE),
  /** Dynamic INT8. */
  INT8_DYNAMIC(Noise.BYTE);

  private final Noise noise;

  Mode(Noise noise) {
    this.noise = noise;
  }

  /** What its numbers may lose. */
  Noise noise() {
    return noise;
  }

  /** The precision to compile with. */
  Precision precision(Map<String, Tensor> inputs) {
    Dataset samples = Dataset.of(List.of(inputs));
    return switch (this) {
      case SAVE, FP32, CLEAN_UP, UPGRADE -> Precision.fp32();
      case FP16 -> Precision.fp16();
      case FP16_SAMPLES -> Precision.fp16(samples);
      case INT8 -> Precision.int8(samples);
      case INT8_DYNAMIC -> Precision.int8Dynamic();
    };
  }
}
