package io.inferc.calibrate;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The value ranges of the tensors of one model, as observed on samples. Rewrites take it from here,
 * so one calibration serves every back end.
 *
 * <p>Immutable.
 */
public final class CalibrationTable {
  private final String modelDigest;
  private final String method;
  private final long samples;
  private final Map<String, TensorRange> ranges;
  private final Map<String, ChannelStatistics> channels;

  private CalibrationTable(Builder b) {
    modelDigest = b.modelDigest;
    method = b.method;
    samples = b.samples;
    ranges = Collections.unmodifiableMap(new LinkedHashMap<>(b.ranges));
    channels = Collections.unmodifiableMap(new LinkedHashMap<>(b.channels));
  }

  /**
   * Starts a table.
   *
   * @param modelDigest the {@link OnnxModel#digest()} of the model whose tensors are described
   * @param method how ranges were chosen, for example {@code "entropy"}
   * @param samples how many samples were seen
   * @return a builder
   */
  public static Builder builder(String modelDigest, String method, long samples) {
    return new Builder(modelDigest, method, samples);
  }

  /**
   * Returns the digest of the model the table belongs to.
   *
   * @return the digest
   */
  public String modelDigest() {
    return modelDigest;
  }

  /**
   * Returns how ranges were chosen.
   *
   * @return for example {@code "entropy"}
   */
  public String method() {
    return method;
  }

  /**
   * Returns how many samples were seen.
   *
   * @return the number
   */
  public long samples() {
    return samples;
  }

  /**
   * Returns the range of a tensor.
   *
   * @param tensor the tensor's name
   * @return its range, or empty if it was not observed
   */
  public Optional<TensorRange> range(String tensor) {
    return Optional.ofNullable(ranges.get(tensor));
  }

  /**
   * Returns all ranges.
   *
   * @return ranges by tensor name, in the order of the graph
   */
  public Map<String, TensorRange> ranges() {
    return ranges;
  }

  /**
   * Returns what was seen of the channels of a tensor.
   *
   * @param tensor the tensor's name
   * @return statistics, or empty if they were not asked for
   */
  public Optional<ChannelStatistics> channels(String tensor) {
    return Optional.ofNullable(channels.get(tensor));
  }

  /**
   * Makes sure that this table was made for a model.
   *
   * @param model the model to be rewritten
   * @throws InfercException if the table is of another model
   */
  public void requireFor(OnnxModel model) {
    if (!model.digest().equals(modelDigest)) {
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to use a calibration table of a model with the digest "
              + modelDigest
              + " for "
              + model
              + ", whose digest is "
              + model.digest()
              + ".",
          "Calibrate this model, or pass the model the table was made for.");
    }
  }

  /** Builds a {@link CalibrationTable}. */
  public static final class Builder {
    private final String modelDigest;
    private final String method;
    private final long samples;
    private final Map<String, TensorRange> ranges = new LinkedHashMap<>();
    private final Map<String, ChannelStatistics> channels = new LinkedHashMap<>();

    private Builder(String modelDigest, String method, long samples) {
      this.modelDigest = modelDigest;
      this.method = method;
      this.samples = samples;
    }

    /**
     * Adds the range of a tensor.
     *
     * @param tensor the tensor's name
     * @param range its range
     * @return this
     */
    public Builder range(String tensor, TensorRange range) {
      ranges.put(tensor, range);
      return this;
    }

    /**
     * Adds what was seen of the channels of a tensor.
     *
     * @param tensor the tensor's name
     * @param statistics the statistics
     * @return this
     */
    public Builder channels(String tensor, ChannelStatistics statistics) {
      channels.put(tensor, statistics);
      return this;
    }

    /**
     * Finishes the table.
     *
     * @return the table
     */
    public CalibrationTable build() {
      return new CalibrationTable(this);
    }
  }
}
