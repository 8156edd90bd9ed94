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
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What ways to quantize all-MiniLM-L6-v2 statically leave of its sentence embeddings, as cosines to
 * those of the original on sentences not used for calibration. Prints rows of Markdown; times
 * nothing.
 */
public final class PrecisionAccuracy {
  private static final int EVERY = 6;
  private static final int TOKENS = 128;
  private static final String MODEL = "all-minilm-l6-v2.onnx";

  private PrecisionAccuracy() {}

  /**
   * Measures, some minutes.
   *
   * @param arguments none
   * @throws IOException if the model cannot be unpacked
   */
  public static void main(String... arguments) throws IOException {
    Path folder = Files.createTempDirectory("inferc-accuracy-");
    Path file = folder.resolve(MODEL);
    try (TextEncoder encoder = new TextEncoder(TOKENS)) {
      try (InputStream in = PrecisionAccuracy.class.getResourceAsStream("/" + MODEL)) {
        if (in == null) {
          throw new IOException("the model " + MODEL + " is not on the class path");
        }
        Files.copy(in, file);
      }
      measure(OnnxModel.load(file), encoder);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  private static void measure(OnnxModel model, TextEncoder encoder) {
    List<Corpus> calibration = new ArrayList<>();
    List<Corpus> validation = new ArrayList<>();
    for (Corpus c : Corpus.sentences()) {
      int index = calibration.size() + validation.size();
      (index % EVERY == 0 ? validation : calibration).add(c);
    }
    Dataset samples = one(encoder, calibration);
    Dataset unseen = one(encoder, validation);
    System.out.printf(
        Locale.ROOT, "calibrated on %d, judged on %d%n", calibration.size(), validation.size());
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
    precisions.put("SmoothQuant 0.5", int8.smoothQuant(0.5));
    precisions.put("both", int8.smoothQuant(0.5).biasCorrection(true));
    precisions.put("Softmax in FP32", int8.keep(Layers.softmax(), DataType.FLOAT32));
    precisions.put("entropy", int8.observer(RangeObserver.entropy()));
    return precisions;
  }

  private static Dataset one(TextEncoder encoder, List<Corpus> sentences) {
    return Dataset.generated(
        sentences.size(), i -> encoder.encode(List.of(sentences.get((int) i).text())));
  }

  private static CompiledModel compile(OnnxModel model, Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build().compile(model);
  }
}
