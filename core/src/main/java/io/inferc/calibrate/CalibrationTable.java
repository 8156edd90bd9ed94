package io.inferc.calibrate;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
   * @throws IllegalArgumentException if the number of samples is negative
   */
  public static Builder builder(String modelDigest, String method, long samples) {
    Objects.requireNonNull(modelDigest, "modelDigest");
    Objects.requireNonNull(method, "method");
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
    Objects.requireNonNull(tensor, "tensor");
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
    Objects.requireNonNull(tensor, "tensor");
    return Optional.ofNullable(channels.get(tensor));
  }

  /**
   * Returns all statistics of channels.
   *
   * @return statistics by tensor name
   */
  public Map<String, ChannelStatistics> channels() {
    return channels;
  }

  /**
   * Saves the table as JSON; floats come back exactly. An existing file is replaced when the new
   * one is complete.
   *
   * @param file the file to write, in an existing folder
   * @throws InfercException if the disk fails; then nothing was changed
   */
  public void save(Path file) {
    Objects.requireNonNull(file, "file");
    CalibrationTableFile.write(this, file);
  }

  /**
   * Loads a table.
   *
   * @param file a file that {@link #save} wrote
   * @return the table
   * @throws InfercException if the file is missing, damaged or something else
   */
  public static CalibrationTable load(Path file) {
    Objects.requireNonNull(file, "file");
    return CalibrationTableFile.read(file);
  }

  /**
   * Puts this table and another of the same model and method together: tables of other tensors, or
   * of other samples. Extremes and magnitudes are those of both; with the min-max method so are the
   * ranges. Ranges of the other methods, and means of channels, are averaged by the numbers of
   * samples, since the values themselves are no longer there: calibrating on all samples at once is
   * more exact.
   *
   * @param other the other table
   * @return a new table with the tensors of both, this one's first; its samples are the sum
   * @throws InfercException if models or methods differ, or the channels of a tensor do
   */
  public CalibrationTable merge(CalibrationTable other) {
    Objects.requireNonNull(other, "other");
    return CalibrationTableMerge.merge(this, other);
  }

  /**
   * Makes sure that this table was made for a model.
   *
   * @param model the model to be rewritten
   * @throws InfercException if the table is of another model
   */
  public void requireFor(OnnxModel model) {
    Objects.requireNonNull(model, "model");
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CalibrationTable t
        && t.modelDigest.equals(modelDigest)
        && t.method.equals(method)
        && t.samples == samples
        && t.ranges.equals(ranges)
        && t.channels.equals(channels);
  }

  @Override
  public int hashCode() {
    return Objects.hash(modelDigest, method, samples, ranges, channels);
  }

  /** Returns a table for people: a line for each tensor with its range and what was seen. */
  @Override
  public String toString() {
    return CalibrationTableText.of(this);
  }

  /** Builds a {@link CalibrationTable}. */
  public static final class Builder {
    private final String modelDigest;
    private final String method;
    private final long samples;
    private final Map<String, TensorRange> ranges = new LinkedHashMap<>();
    private final Map<String, ChannelStatistics> channels = new LinkedHashMap<>();

    private Builder(String modelDigest, String method, long samples) {
      if (samples < 0) {
        throw new IllegalArgumentException(
            "Tried to make a table of " + samples + " samples; the number must be 0 or more.");
      }
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
      Objects.requireNonNull(tensor, "tensor");
      Objects.requireNonNull(range, "range");
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
      Objects.requireNonNull(tensor, "tensor");
      Objects.requireNonNull(statistics, "statistics");
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
