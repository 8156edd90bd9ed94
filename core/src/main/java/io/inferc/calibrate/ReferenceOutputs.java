package io.inferc.calibrate;

import io.inferc.common.Cancellation;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What models return for the same few samples, run in a reference back end. It keeps copies of the
 * samples until it is closed, so that data sets that vary what they give do not look like noise.
 *
 * <p>Not thread-safe.
 */
public final class ReferenceOutputs implements AutoCloseable {
  // 16 MB, so that large outputs are those of one sample.
  private static final long MOST_VALUES = 4L << 20;

  private static final int BLOCK = 1 << 14;

  private final Backend backend;
  private final Target.Choice choice;
  private final Cancellation cancellation;
  private final List<Map<String, Tensor>> samples = new ArrayList<>();

  /**
   * Copies the first samples.
   *
   * @param backend the back end of the runs
   * @param choice its device and options
   * @param samples the samples, as for a calibration
   * @param most how many of them to run
   * @param cancellation stops the work between two samples
   */
  public ReferenceOutputs(
      Backend backend, Target.Choice choice, Dataset samples, int most, Cancellation cancellation) {
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(choice, "choice");
    Objects.requireNonNull(samples, "samples");
    Objects.requireNonNull(cancellation, "cancellation");
    this.backend = backend;
    this.choice = choice;
    this.cancellation = cancellation;
    samples
        .limit(most)
        .forEach(
            (index, sample) -> {
              Map<String, Tensor> copy = new LinkedHashMap<>();
              sample.forEach((name, tensor) -> copy.put(name, tensor.copy()));
              return this.samples.add(copy);
            });
  }

  /**
   * Compiles a model and runs it.
   *
   * @param model the model
   * @param outputs which of the model's outputs to keep, all of a floating-point type; one at least
   * @return for each sample, or the first ones if outputs are large, the {@linkplain #values
   *     values} of the outputs by name
   * @throws io.inferc.common.InfercException if the back end or a sample fails
   * @throws io.inferc.common.CancelledException if it was cancelled
   */
  public List<Map<String, float[]>> of(OnnxModel model, List<String> outputs) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(outputs, "outputs");
    List<Map<String, float[]>> values = new ArrayList<>();
    long count = 0;
    try (ReferenceRun run = ReferenceRun.open(model, backend, choice, outputs)) {
      for (int s = 0; s < samples.size() && count < MOST_VALUES; s++) {
        cancellation.throwIfCancelled(Stage.CALIBRATE);
        run.run(s, samples.get(s));
        Map<String, float[]> returned = new LinkedHashMap<>();
        for (String output : outputs) {
          float[] read = values(run.output(output));
          returned.put(output, read);
          count += read.length;
        }
        values.add(returned);
      }
    }
    return values;
  }

  /**
   * Copies values of an output to the heap: all of up to 4 million, otherwise about as many, spread
   * evenly. Equal shapes give values of the same places.
   *
   * @param output a tensor of floating-point numbers
   * @return values in row-major order
   */
  public static float[] values(Tensor output) {
    Objects.requireNonNull(output, "output");
    long all = output.elementCount();
    if (all <= MOST_VALUES) {
      return output.toFloatArray();
    }
    long step = stepOver((all + MOST_VALUES - 1) / MOST_VALUES);
    float[] some = new float[Math.toIntExact((all + step - 1) / step)];
    float[] block = new float[BLOCK];
    int taken = 0;
    long next = 0;
    for (long start = 0; start < all; start += BLOCK) {
      int count = (int) Math.min(BLOCK, all - start);
      output.readFloats(start, block, count);
      for (; next < start + count; next += step) {
        some[taken++] = block[(int) (next - start)];
      }
    }
    return some;
  }

  /** A prime number, so that the places fall into every row and column. */
  private static long stepOver(long least) {
    return BigInteger.valueOf(least).nextProbablePrime().longValueExact();
  }

  /**
   * Returns the copies of the samples.
   *
   * @return the tensors of each by input name, which stay this object's own
   */
  public List<Map<String, Tensor>> samples() {
    return Collections.unmodifiableList(samples);
  }

  @Override
  public void close() {
    samples.forEach(s -> s.values().forEach(Tensor::close));
  }
}
