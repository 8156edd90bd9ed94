package io.inferc.benchmark.trace;

import io.inferc.benchmark.trace.SizeClusters.Point;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How many shape profiles the requests of a trace call for, and which ranges.
 *
 * <pre>{@code
 * ProfileSuggestion suggestion = ProfileSuggestion.of(Trace.read(folder));
 * System.out.println(suggestion);
 * Compiler.Builder builder = Compiler.forTarget(target);
 * for (ShapeProfile profile : suggestion.profiles()) {
 *   builder.profile(profile);
 * }
 * }</pre>
 *
 * <p><b>How.</b> Requests are grouped by their sizes so that the least work is done if each is as
 * large as the largest of its group ({@link ProfileStep} says what work is): for one open dimension
 * the best groups, for several a good grouping. Each group's profile has the largest sizes of the
 * group as {@code max}; as {@code opt} the sizes of a request that came, below which half of the
 * group's requests lie by their work, so that a rare outlier widens a profile and does not set what
 * kernels are tuned for; as {@code min} the size after the next smaller profile's largest if one
 * dimension is open, else the smallest sizes of all. So no request between two groups is refused,
 * and each is served by the smallest profile that has it, because that is the first.
 *
 * <p>One profile more is suggested as long as it saves 5 % of the work or more. Sizes beyond those
 * that came are refused by a model compiled so: widen the last profile where larger ones may come.
 */
public final class ProfileSuggestion {
  /** What one profile more must save, of the work. */
  public static final double LEAST_GAIN = 0.05;

  private static final int DEFAULT_MOST = 8;

  private final List<ProfileStep> steps;
  private final int chosen;
  private final int most;
  private final long requests;
  private final long leftOut;

  private ProfileSuggestion(
      List<ProfileStep> steps, int chosen, int most, long requests, long leftOut) {
    this.steps = List.copyOf(steps);
    this.chosen = chosen;
    this.most = most;
    this.requests = requests;
    this.leftOut = leftOut;
  }

  /**
   * Suggests profiles for a trace, at most 8, for the inputs that were recorded with it. Requests
   * that failed are left out, since a size that no model should take must not widen a profile.
   *
   * @param trace the trace
   * @return the suggestion
   * @throws InfercException if no request is left, or an input has requests of several ranks
   */
  public static ProfileSuggestion of(Trace trace) {
    Objects.requireNonNull(trace, "trace");
    return suggest(trace.inputs(), trace.shapes(false), DEFAULT_MOST, trace.failed());
  }

  /**
   * Suggests profiles for requests that were counted elsewhere.
   *
   * @param inputs the model's inputs; their symbols are what profiles bind
   * @param requests how often which shapes came
   * @param most how many profiles at most, 1 or more
   * @return the suggestion; requests that do not fit the inputs are left out, and counted
   * @throws IllegalArgumentException if {@code most} is less than 1, or a count
   * @throws InfercException if no request is left, or an input has requests of several ranks
   */
  public static ProfileSuggestion of(
      List<TensorSpec> inputs, Map<RequestShapes, Long> requests, int most) {
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(requests, "requests");
    if (most < 1 || requests.values().stream().anyMatch(count -> count < 1)) {
      throw new IllegalArgumentException(
          "Tried to suggest at most "
              + most
              + " profiles for requests counted "
              + requests.values()
              + "; give 1 or more of each.");
    }
    return suggest(inputs, requests, most, 0);
  }

  private static ProfileSuggestion suggest(
      List<TensorSpec> inputs, Map<RequestShapes, Long> requests, int most, long failed) {
    OpenSizes open = new OpenSizes(inputs, requests.keySet());
    TreeMap<long[], Long> bySizes = new TreeMap<>(Arrays::compare);
    long leftOut = failed;
    for (Map.Entry<RequestShapes, Long> e : requests.entrySet()) {
      long[] point = open.point(e.getKey());
      if (point == null) {
        leftOut += e.getValue();
      } else {
        bySizes.merge(point, e.getValue(), Long::sum);
      }
    }
    List<Point> points = new ArrayList<>();
    bySizes.forEach((sizes, count) -> points.add(new Point(sizes, count)));
    if (points.isEmpty()) {
      throw new InfercException(
          Stage.SHAPE,
          "Tried to suggest profiles for the inputs "
              + inputs
              + ", but there is no request that they take; "
              + leftOut
              + " were left out because they failed or do not fit.",
          "Record requests of this model that succeed.");
    }
    long count = points.stream().mapToLong(Point::requests).sum();
    if (open.count() == 0) {
      return new ProfileSuggestion(List.of(), 0, most, count, leftOut);
    }
    List<ProfileStep> steps = ProfileSteps.of(open, points, most);
    int chosen = 1;
    while (chosen < steps.size() && steps.get(chosen).gain() >= LEAST_GAIN) {
      chosen++;
    }
    return new ProfileSuggestion(steps, chosen, most, count, leftOut);
  }

  /**
   * Returns the profiles that are suggested.
   *
   * @return one or more, to be given to the compiler in this order; none if the model has no open
   *     dimension, and needs none
   */
  public List<ShapeProfile> profiles() {
    return steps.isEmpty() ? List.of() : steps.get(chosen - 1).profiles();
  }

  /**
   * Returns what each number of profiles would come to.
   *
   * @return from one profile on, up to the most that were asked for or that make a difference
   */
  public List<ProfileStep> steps() {
    return steps;
  }

  /**
   * Returns how many requests the suggestion rests on.
   *
   * @return the number
   */
  public long requests() {
    return requests;
  }

  /**
   * Returns how many requests were left out because they failed or do not fit the inputs.
   *
   * @return the number
   */
  public long leftOut() {
    return leftOut;
  }

  /** Returns the suggestion in words: a line for each number of profiles, then the profiles. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(requests).append(" requests");
    if (leftOut > 0) {
      text.append(", and ").append(leftOut).append(" left out that failed or do not fit");
    }
    if (steps.isEmpty()) {
      return text.append(". All sizes are fixed: no profile is needed.\n").toString();
    }
    text.append(". Work is elements of the inputs, as if padded to the largest of a profile.\n");
    text.append("profiles  padding  at opt   less work\n");
    for (ProfileStep step : steps) {
      String gain = step.profiles().size() == 1 ? "-" : percent(step.gain());
      text.append(
          String.format(
              Locale.ROOT,
              "%8d  %7s  %6s  %10s%n",
              step.profiles().size(),
              percent(step.padding()),
              percent(step.atOptimum()),
              gain));
    }
    text.append("Suggested: ").append(profiles().size()).append(reason()).append('\n');
    ProfileStep step = steps.get(chosen - 1);
    for (int i = 0; i < step.profiles().size(); i++) {
      text.append(step.profiles().get(i))
          .append(": ")
          .append(percent((double) step.requests().get(i) / requests))
          .append(" of requests\n");
    }
    return text.toString();
  }

  private String reason() {
    if (chosen < steps.size()) {
      return ", because the next would save "
          + percent(steps.get(chosen).gain())
          + ", less than "
          + percent(LEAST_GAIN)
          + ".";
    }
    if (steps.get(chosen - 1).padding() == 0) {
      return ", which leaves nothing to save.";
    }
    return chosen == most
        ? ", the most that were asked for."
        : ", because more would make no difference.";
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }
}
