package io.inferc.backend.onnxruntime.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.CompiledModel;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.Cosine;
import io.inferc.testing.PyPiModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** openWakeWord: a mel spectrogram, an embedding of speech, and a small network for each word. */
@Tag("once")
class WakeWordTest {
  private static final int BANDS = 32;
  private static final int FRAMES = 76;
  private static final int STEP = 8;
  private static final int EMBEDDING = 96;
  private static final int TIMER_EMBEDDINGS = 34;
  private static final int WORD_EMBEDDINGS = 16;

  private static float[] sound;
  private static float[] spectrogram;
  private static float[] embeddings;

  @BeforeAll
  static void computeInSinglePrecision() {
    sound = amplitudes(new Sound(1).scene());
    try (CompiledModel mel = compile(PyPiModels.MELSPECTROGRAM, RealPrecision.FP32, List.of());
        CompiledModel embedding =
            compile(PyPiModels.SPEECH_EMBEDDING, RealPrecision.FP32, List.of())) {
      spectrogram = scaled(run(mel, Tensor.of(sound, 1, sound.length)));
      embeddings = embed(embedding, spectrogram);
    }
  }

  @AfterAll
  static void forget() {
    sound = new float[0];
    spectrogram = new float[0];
    embeddings = new float[0];
  }

  /** As openWakeWord has it: 16-bit samples, not divided. */
  private static float[] amplitudes(float[] sound) {
    float[] amplitudes = new float[sound.length];
    for (int i = 0; i < sound.length; i++) {
      amplitudes[i] = Math.round(sound[i] * 32767);
    }
    return amplitudes;
  }

  private static float[] scaled(float[] spectrogram) {
    float[] scaled = new float[spectrogram.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = spectrogram[i] / 10 + 2;
    }
    return scaled;
  }

  private static List<Tensor> patches(float[] spectrogram) {
    List<Tensor> patches = new ArrayList<>();
    for (int at = 0; at + FRAMES <= spectrogram.length / BANDS; at += STEP) {
      float[] patch = Arrays.copyOfRange(spectrogram, at * BANDS, (at + FRAMES) * BANDS);
      patches.add(Tensor.of(patch, 1, FRAMES, BANDS, 1));
    }
    return patches;
  }

  private static float[] embed(CompiledModel model, float[] spectrogram) {
    float[] all = new float[0];
    for (Tensor patch : patches(spectrogram)) {
      all = Sound.joined(all, run(model, patch));
    }
    return all;
  }

  /** Runs of embeddings, and some far from any speech, for words that nobody said. */
  private static List<Tensor> words(int count) {
    List<Tensor> words = new ArrayList<>();
    int windows = embeddings.length / EMBEDDING;
    for (int at = 0; at + count <= windows; at += 2) {
      float[] values = Arrays.copyOfRange(embeddings, at * EMBEDDING, (at + count) * EMBEDDING);
      words.add(Tensor.of(values, 1, count, EMBEDDING));
    }
    Random random = new Random(5);
    for (int i = 0; i < 40; i++) {
      float[] values = new float[count * EMBEDDING];
      for (int v = 0; v < values.length; v++) {
        values[v] = (float) (20 * random.nextGaussian());
      }
      words.add(Tensor.of(values, 1, count, EMBEDDING));
    }
    return words;
  }

  private static CompiledModel compile(
      PyPiModels file, RealPrecision precision, List<Tensor> samples) {
    String input = input(file);
    return precision.compile(
        file, Dataset.of(samples.stream().map(s -> Map.of(input, s)).toList()));
  }

  private static String input(PyPiModels file) {
    return io.inferc.onnx.OnnxModel.load(file.path()).graph().requiredInputs().get(0).name();
  }

  private static float[] run(CompiledModel model, Tensor input) {
    Map<String, Tensor> outputs = model.run(Map.of(model.inputs().get(0).name(), input));
    float[] values = outputs.values().iterator().next().toFloatArray();
    outputs.values().forEach(Tensor::close);
    return values;
  }

  @ParameterizedTest
  @EnumSource(
      names = {"INT8", "INT8_DYNAMIC"},
      mode = EnumSource.Mode.EXCLUDE)
  void theSpectrogramStaysWithinAFewDecibels(RealPrecision precision) {
    List<Tensor> samples = new ArrayList<>();
    for (int seed = 10; seed < 14; seed++) {
      float[] other = amplitudes(new Sound(seed).scene());
      samples.add(Tensor.of(other, 1, other.length));
    }
    try (CompiledModel model = compile(PyPiModels.MELSPECTROGRAM, precision, samples)) {
      float[] actual = scaled(run(model, Tensor.of(sound, 1, sound.length)));
      assertEquals(spectrogram.length, actual.length);
      double worst = 0;
      for (int i = 0; i < actual.length; i++) {
        // A unit is 10 dB; the model cuts off what is 80 dB below the loudest.
        worst = Math.max(worst, Math.abs(actual[i] - spectrogram[i]));
      }
      assertTrue(worst < 0.3, "off by up to " + 10 * worst + " dB");
    }
  }

  @ParameterizedTest
  @EnumSource
  void embeddingsPointWhereTheyDid(RealPrecision precision) {
    List<Tensor> samples = patches(scaledOf(new Sound(20).scene()));
    try (CompiledModel model = compile(PyPiModels.SPEECH_EMBEDDING, precision, samples)) {
      float[] actual = embed(model, spectrogram);
      double limit = precision.isInteger() ? 0.97 : 0.9999;
      for (int at = 0; at < actual.length; at += EMBEDDING) {
        double cosine = Cosine.of(doubles(embeddings, at), doubles(actual, at));
        assertTrue(cosine > limit, "cosine " + cosine + " of embedding " + at / EMBEDDING);
      }
    }
  }

  private static double[] doubles(float[] values, int from) {
    double[] doubles = new double[EMBEDDING];
    for (int i = 0; i < EMBEDDING; i++) {
      doubles[i] = values[from + i];
    }
    return doubles;
  }

  private static float[] scaledOf(float[] other) {
    float[] samples = amplitudes(other);
    try (CompiledModel mel = compile(PyPiModels.MELSPECTROGRAM, RealPrecision.FP32, List.of())) {
      return scaled(run(mel, Tensor.of(samples, 1, samples.length)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theTimerDecidesAsBefore(RealPrecision precision) {
    held(PyPiModels.WAKE_WORD_TIMER, TIMER_EMBEDDINGS, precision);
  }

  @ParameterizedTest
  @EnumSource
  void wordsOfSimpleNetworksAreHeardAsBefore(RealPrecision precision) {
    held(PyPiModels.WAKE_WORD_ALEXA, WORD_EMBEDDINGS, precision);
  }

  @ParameterizedTest
  @EnumSource
  void wordsOfNormalizedNetworksAreHeardAsBefore(RealPrecision precision) {
    held(PyPiModels.WAKE_WORD_MYCROFT, WORD_EMBEDDINGS, precision);
  }

  @ParameterizedTest
  @EnumSource
  void aWordBehindAGateIsHeardAsBefore(RealPrecision precision) {
    held(PyPiModels.WAKE_WORD_JARVIS, WORD_EMBEDDINGS, precision);
  }

  private static void held(PyPiModels file, int count, RealPrecision precision) {
    List<Tensor> words = words(count);
    try (CompiledModel original = compile(file, RealPrecision.FP32, List.of());
        CompiledModel compiled = compile(file, precision, words)) {
      double unsure = precision.isInteger() ? 0.2 : 0.02;
      for (int w = 0; w < words.size(); w++) {
        float[] expected = run(original, words.get(w));
        float[] actual = run(compiled, words.get(w));
        for (int i = 0; i < expected.length; i++) {
          if (Math.abs(expected[i] - 0.5) > unsure) {
            String what = "input " + w + ": " + expected[i] + " became " + actual[i];
            assertEquals(expected[i] >= 0.5, actual[i] >= 0.5, what);
          }
        }
      }
    }
  }
}
