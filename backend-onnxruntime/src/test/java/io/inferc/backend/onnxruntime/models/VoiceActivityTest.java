package io.inferc.backend.onnxruntime.models;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.CompiledModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PyPiModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Silero's models of voice activity: is somebody speaking, 31 times a second. */
@Tag("once")
class VoiceActivityTest {
  private static final int WINDOW = 512;
  private static final int CONTEXT = 64;
  private static final double THRESHOLD = 0.5;
  private static final Map<String, String> FOLLOWERS =
      Map.of("state", "stateN", "h", "hn", "c", "cn", "sr", "");

  /** The windows of a recording, each with the end of the one before, as the models want them. */
  private static List<float[]> windows(float[] sound) {
    List<float[]> windows = new ArrayList<>();
    for (int at = 0; at + WINDOW <= sound.length; at += WINDOW) {
      float[] window = new float[CONTEXT + WINDOW];
      int before = Math.min(at, CONTEXT);
      System.arraycopy(sound, at - before, window, CONTEXT - before, before + WINDOW);
      windows.add(window);
    }
    return windows;
  }

  /** What the model takes beside the window: the state of its LSTM, and the rate. */
  private static Map<String, Tensor> others(List<TensorSpec> inputs) {
    Map<String, Tensor> others = new LinkedHashMap<>();
    for (TensorSpec input : inputs) {
      if (input.name().equals("sr")) {
        others.put("sr", Tensor.of(new long[] {Sound.RATE}));
      } else if (!input.name().equals("input")) {
        int width = input.name().equals("state") ? 128 : 64;
        others.put(input.name(), Tensor.allocate(DataType.FLOAT32, 2, 1, width));
      }
    }
    return others;
  }

  private static double[] speech(CompiledModel model, float[] sound) {
    List<float[]> windows = windows(sound);
    double[] speech = new double[windows.size()];
    Map<String, Tensor> state = others(model.inputs());
    for (int i = 0; i < speech.length; i++) {
      Map<String, Tensor> request = request(windows.get(i), state);
      Map<String, Tensor> outputs = model.run(request);
      speech[i] = outputs.get("output").toFloatArray()[0];
      state = next(state, outputs);
      request.values().forEach(Tensor::close);
    }
    state.values().forEach(Tensor::close);
    return speech;
  }

  private static Map<String, Tensor> request(float[] window, Map<String, Tensor> state) {
    Map<String, Tensor> request = new LinkedHashMap<>(state);
    request.put("input", Tensor.of(window, 1, CONTEXT + WINDOW));
    return request;
  }

  /** The state for the next window, in tensors of its own; the outputs are closed. */
  private static Map<String, Tensor> next(Map<String, Tensor> state, Map<String, Tensor> outputs) {
    Map<String, Tensor> next = new LinkedHashMap<>();
    state.forEach(
        (name, tensor) -> next.put(name, outputs.getOrDefault(FOLLOWERS.get(name), tensor).copy()));
    outputs.values().forEach(Tensor::close);
    return next;
  }

  /** Windows with the states that the model in single precision had before them. */
  private static Dataset samples(PyPiModels file) {
    List<Map<String, Tensor>> samples = new ArrayList<>();
    try (CompiledModel model = RealPrecision.FP32.compile(file, Dataset.of(List.of()))) {
      Map<String, Tensor> state = others(model.inputs());
      for (float[] window : windows(new Sound(7).scene())) {
        Map<String, Tensor> request = request(window, state);
        samples.add(request);
        state = next(state, model.run(request));
      }
      state.values().forEach(Tensor::close);
    }
    return Dataset.of(samples);
  }

  private static void held(PyPiModels file, RealPrecision precision) {
    float[] sound = new Sound(1).scene();
    try (CompiledModel original = RealPrecision.FP32.compile(file, Dataset.of(List.of()));
        CompiledModel compiled = precision.compile(file, samples(file))) {
      double[] expected = speech(original, sound);
      long spoken = Arrays.stream(expected).filter(p -> p >= THRESHOLD).count();
      assertTrue(spoken > 20 && spoken < expected.length - 40, "speech in " + spoken);
      double[] actual = speech(compiled, sound);
      // What the original is hardly sure of may go either way, and no state may drift off.
      double unsure = precision.isInteger() ? 0.25 : 0.05;
      List<String> decided = new ArrayList<>();
      double sum = 0;
      for (int i = 0; i < expected.length; i++) {
        sum += Math.abs(expected[i] - actual[i]);
        if (Math.abs(expected[i] - THRESHOLD) > unsure
            && expected[i] >= THRESHOLD != actual[i] >= THRESHOLD) {
          decided.add(i + ": " + expected[i] + " became " + actual[i]);
        }
      }
      int flips = precision.isInteger() ? expected.length / 50 : 0;
      assertTrue(decided.size() <= flips, "decided otherwise: " + decided);
      double mean = sum / expected.length;
      assertTrue(mean < (precision.isInteger() ? 0.03 : 0.005), "mean difference " + mean);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theModelOfBothRatesHearsSpeechWhereItDid(RealPrecision precision) {
    held(PyPiModels.SILERO_VAD, precision);
  }

  @ParameterizedTest
  @EnumSource
  void theModelOfOneRateHearsSpeechWhereItDid(RealPrecision precision) {
    held(PyPiModels.SILERO_VAD_16K, precision);
  }

  @ParameterizedTest
  @EnumSource
  void theModelStoredInHalfPrecisionHearsSpeechWhereItDid(RealPrecision precision) {
    held(PyPiModels.SILERO_VAD_HALF, precision);
  }

  @ParameterizedTest
  @EnumSource
  void theModelForOpenVinoHearsSpeechWhereItDid(RealPrecision precision) {
    held(PyPiModels.SILERO_VAD_OPENVINO, precision);
  }

  @ParameterizedTest
  @CsvSource({"SILERO_VAD_IFLESS,INT8_DYNAMIC", "SILERO_VAD_IFLESS,FP16"})
  void theModelsWithoutManyBranchesHearSpeechWhereTheyDid(
      PyPiModels file, RealPrecision precision) {
    held(file, precision);
  }
}
