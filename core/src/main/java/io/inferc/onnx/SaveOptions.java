package io.inferc.onnx;

/**
 * Where the weights of a saved model go.
 *
 * @param external true to put weights into one file beside the model, false to do so only if the
 *     model would be over 2 GB otherwise
 * @param thresholdBytes constants smaller than this stay inside, in bytes; runtimes refuse models
 *     in which shapes and the like, of a few bytes each, lie outside
 */
public record SaveOptions(boolean external, long thresholdBytes) {
  private static final long DEFAULT_THRESHOLD = 1024;

  public SaveOptions {
    if (thresholdBytes < 0) {
      throw new IllegalArgumentException(
          "Tried to put constants from "
              + thresholdBytes
              + " bytes on outside; the threshold must be 0 or more.");
    }
  }

  /**
   * Returns weights inside as long as the model stays under 2 GB.
   *
   * @return the default options
   */
  public static SaveOptions defaults() {
    return new SaveOptions(false, DEFAULT_THRESHOLD);
  }

  /**
   * Returns weights in one file named like the model with {@code .data} appended, constants under
   * 1,024 bytes inside.
   *
   * @return the options
   */
  public static SaveOptions externalData() {
    return new SaveOptions(true, DEFAULT_THRESHOLD);
  }
}
