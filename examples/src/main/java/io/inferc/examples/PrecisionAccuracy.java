package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.Layers;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.Tolerance;
import io.inferc.calibrate.RangeObserver;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * What ways to quantize all-MiniLM-L6-v2 statically leave of its sentence embeddings, as cosines to
 * those of the original on sentences not used for calibration. Prints rows of Markdown; times
 * nothing.
 */
@Command(
    name = "PrecisionAccuracy",
    mixinStandardHelpOptions = true,
    description =
        "Compares what ways to quantize all-MiniLM-L6-v2 leave of its sentence embeddings; takes"
            + " some minutes.")
public final class PrecisionAccuracy implements Callable<Integer> {
  private static final int TOKENS = 128;
  private static final String MODEL = "all-minilm-l6-v2.onnx";

  PrecisionAccuracy() {}

  /**
   * Measures, some minutes.
   *
   * @param words {@code --help} says what
   */
  public static void main(String... words) {
    ExampleRunner.main(new PrecisionAccuracy(), words);
  }

  /**
   * Does the job.
   *
   * @return 0
   * @throws IOException if the model cannot be unpacked
   */
  @Override
  public Integer call() throws IOException {
    Path folder = Files.createTempDirectory("inferc-accuracy-");
    Path file = folder.resolve(MODEL);
    try (TextEncoder encoder = new TextEncoder(TOKENS)) {
      ModelResource.unpack("/" + MODEL, file);
      measure(OnnxModel.load(file), encoder);
      return ExampleRunner.GOOD;
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  private static void measure(OnnxModel model, TextEncoder encoder) {
    Corpus.Split sentences = Corpus.split();
    Dataset samples = encoder.singly(sentences.calibration());
    Dataset unseen = encoder.singly(sentences.unseen());
    System.out.printf(
        Locale.ROOT,
        "calibrated on %d, judged on %d%n",
        sentences.calibration().size(),
        sentences.unseen().size());
    try (CompiledModel original = compile(model, Precision.fp32())) {
      for (Map.Entry<String, Precision> p : precisions(samples).entrySet()) {
        try (CompiledModel compiled = compile(model, p.getValue())) {
          OutputAccuracy embedding =
              Accuracy.comparison(original, compiled)
                  .view(new SentenceEmbedding())
                  .run(unseen, Tolerance.embedding())
                  .outputs()
                  .get(0);
          System.out.printf(
              Locale.ROOT,
              "| %s | %.4f | %.4f |%n",
              p.getKey(),
              embedding.metric(Metric.MEAN_COSINE).orElseThrow(),
              embedding.metric(Metric.MIN_COSINE).orElseThrow());
        }
      }
    }
  }

  private static Map<String, Precision> precisions(Dataset samples) {
    Precision int8 = Precision.int8(samples);
    Map<String, Precision> precisions = new LinkedHashMap<>();
    precisions.put("percentile 99.99", int8);
    precisions.put("bias correction", int8.biasCorrection(true));
    precisions.put("SmoothQuant", int8.smoothQuant());
    precisions.put("SmoothQuant 0.5", int8.smoothQuant(0.5));
    precisions.put("SmoothQuant 0.75", int8.smoothQuant(0.75));
    precisions.put("SmoothQuant and bias correction", int8.smoothQuant().biasCorrection(true));
    precisions.put("Softmax in FP32", int8.keep(Layers.softmax(), DataType.FLOAT32));
    precisions.put("percentile 99.999", int8.observer(RangeObserver.percentile(99.999)));
    precisions.put("min-max", int8.observer(RangeObserver.minMax()));
    precisions.put("mse", int8.observer(RangeObserver.mse()));
    precisions.put("mse, SmoothQuant", int8.observer(RangeObserver.mse()).smoothQuant());
    precisions.put("entropy", int8.observer(RangeObserver.entropy()));
    return precisions;
  }

  private static CompiledModel compile(OnnxModel model, Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build().compile(model);
  }
}
