package io.inferc.testing;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Real models that Python packages carry. The build fetches them; where it cannot, tests that ask
 * for {@link #path()} are skipped with the reason, or fail with {@code
 * -Dinferc.pypi.required=true}. A test must not change the files. Thread-safe.
 */
public enum PyPiModels {
  /** Voice activity; both sampling rates, chosen by an If; an LSTM whose state is an input. */
  SILERO_VAD(Package.SILERO_VAD, "silero_vad.onnx"),
  /** The same for 16 kHz alone, without the If of rates, opset 15. */
  SILERO_VAD_16K(Package.SILERO_VAD, "silero_vad_16k_op15.onnx"),
  /** The same over a sequence of windows. */
  SILERO_VAD_SEQUENCE(Package.SILERO_VAD, "silero_vad_16k_sequence.onnx"),
  /** The same, stored in half precision. */
  SILERO_VAD_HALF(Package.SILERO_VAD, "silero_vad_half.onnx"),
  /** Both rates without an If, opset 18. */
  SILERO_VAD_IFLESS(Package.SILERO_VAD, "silero_vad_op18_ifless.onnx"),
  /** For 16 kHz alone, as OpenVINO reads it. */
  SILERO_VAD_OPENVINO(Package.SILERO_VAD, "silero_vad_openvino_16k.onnx"),
  /** The front end of wake words: a spectrogram on the mel scale, from samples of sound. */
  MELSPECTROGRAM(Package.OPENWAKEWORD, "melspectrogram.onnx"),
  /** Embeddings of speech, from that spectrogram; convolutional. */
  SPEECH_EMBEDDING(Package.OPENWAKEWORD, "embedding_model.onnx"),
  /** A wake word, from embeddings; recurrent. */
  WAKE_WORD_ALEXA(Package.OPENWAKEWORD, "alexa_v0.1.onnx"),
  /** A wake word, from embeddings. */
  WAKE_WORD_JARVIS(Package.OPENWAKEWORD, "hey_jarvis_v0.1.onnx"),
  /** A wake word, from embeddings. */
  WAKE_WORD_MYCROFT(Package.OPENWAKEWORD, "hey_mycroft_v0.1.onnx"),
  /** A wake word, from embeddings. */
  WAKE_WORD_RHASSPY(Package.OPENWAKEWORD, "hey_rhasspy_v0.1.onnx"),
  /** How long a timer shall run, from embeddings: several classes. */
  WAKE_WORD_TIMER(Package.OPENWAKEWORD, "timer_v0.1.onnx"),
  /** A question about the weather, from embeddings. */
  WAKE_WORD_WEATHER(Package.OPENWAKEWORD, "weather_v0.1.onnx"),
  /** Voice activity of an earlier version, as openWakeWord has it. */
  OLD_SILERO_VAD(Package.OPENWAKEWORD, "silero_vad.onnx"),
  /** Notes in a recording: a transform to frequencies and convolutions, three outputs. */
  BASIC_PITCH(Package.BASIC_PITCH, "nmp.onnx"),
  /** PP-OCR v6 text detection, 10 MB; dynamic height and width. */
  OCR_DETECTION_V6(Package.RAPIDOCR, "PP-OCRv6_det_small.onnx"),
  /** PP-OCR v6 text recognition, 21 MB. */
  OCR_RECOGNITION_V6(Package.RAPIDOCR, "PP-OCRv6_rec_small.onnx"),
  /** PP-OCR text-angle classification. */
  OCR_CLASSIFICATION_V2(Package.RAPIDOCR, "ch_ppocr_mobile_v2.0_cls_mobile.onnx");

  /** Where a package keeps its models; the versions are those of core's pom.xml. */
  private enum Package {
    SILERO_VAD("silero-vad-6.2.3", "silero_vad/data/"),
    OPENWAKEWORD("openwakeword-0.5.1", "openwakeword/resources/models/"),
    BASIC_PITCH("basic-pitch-0.4.0", "basic_pitch/saved_models/icassp_2022/"),
    RAPIDOCR("rapidocr-3.10.0", "rapidocr/models/");

    private final String distribution;
    private final String folder;

    Package(String distribution, String folder) {
      this.distribution = distribution;
      this.folder = folder;
    }
  }

  private static final String ONNX = "onnx-1.22.0";
  private static final String ONNX_DATA = "onnx/backend/test/data";

  private final Package source;
  private final String file;

  PyPiModels(Package source, String file) {
    this.source = source;
    this.file = file;
  }

  /**
   * Returns the model, or ends the test.
   *
   * @return the path of an .onnx file
   * @throws org.opentest4j.TestAbortedException if it is not there and need not be
   * @throws IllegalStateException if it is not there but must be
   */
  public Path path() {
    return PyPiPackages.require(source.distribution, source.folder + file);
  }

  /**
   * Looks for the model.
   *
   * @return the path of an .onnx file, or empty if it is not there
   */
  public Optional<Path> find() {
    return PyPiPackages.find(source.distribution, source.folder + file);
  }

  /**
   * Returns the folder of the ONNX project's own test data, with a folder for each kind of case and
   * in it one for each case; or ends the test.
   *
   * @return the folder
   * @throws org.opentest4j.TestAbortedException if it is not there and need not be
   * @throws IllegalStateException if it is not there but must be
   */
  public static Path onnxTestData() {
    return PyPiPackages.require(ONNX, ONNX_DATA);
  }
}
