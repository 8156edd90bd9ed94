package io.inferc.backend.tensorrt;

/** A version of TensorRT, of the library or of the Java presets. */
record TensorRtVersion(int major, int minor, int patch) {
  /** Reads what {@code getInferLibVersion()} returns: 100600 for 10.6.0. */
  static TensorRtVersion decode(int number) {
    return new TensorRtVersion(number / 10000, number / 100 % 100, number % 100);
  }

  /** Whether code compiled against the headers of a version can call this library. */
  boolean serves(TensorRtVersion headers) {
    return major == headers.major && minor >= headers.minor;
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
