package io.inferc.calibrate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the passes found, told for all tensors in the order of the graph. */
final class Findings {
  private static final int NAMED = 8;

  private final Map<String, String> observedFor;
  private final Map<String, TensorRange> ranges = new HashMap<>();
  private final Map<String, ChannelStatistics> channels = new HashMap<>();

  private final Set<String> ofRuns = new LinkedHashSet<>();

  /**
   * Starts with nothing found.
   *
   * @param observedFor for each tensor whose range is asked for the one whose range it has
   */
  Findings(Map<String, String> observedFor) {
    this.observedFor = observedFor;
  }

  /** Chooses the ranges of a pass. */
  void add(List<String> names, List<TensorObservation> observations, Workers workers) {
    @Nullable TensorRange[] chosen = new TensorRange[names.size()];
    workers.each(
        names.size(),
        (i, scratch) -> {
          if (!observations.get(i).isEmpty()) {
            chosen[i] = observations.get(i).range();
          }
        });
    for (int i = 0; i < chosen.length; i++) {
      String name = names.get(i);
      TensorRange range = chosen[i];
      if (range == null) {
        continue;
      }
      ranges.put(name, range);
      ChannelStatistics statistics = observations.get(i).channels();
      if (statistics != null) {
        channels.put(name, statistics);
      }
    }
  }

  void addTo(CalibrationTable.Builder table) {
    observedFor.forEach(
        (name, observed) -> {
          TensorRange range = ranges.get(observed);
          if (range != null) {
            table.range(name, range);
          }
          ChannelStatistics statistics = channels.get(name);
          if (statistics != null) {
            table.channels(name, statistics);
          }
        });
  }

  /** Adds what a pass has to say. */
  void warn(String warning) {
    ofRuns.add(warning);
  }

  List<String> warnings(long samples, long minimum) {
    List<String> constant = new ArrayList<>();
    List<String> empty = new ArrayList<>();
    observedFor.forEach(
        (name, observed) -> {
          TensorRange range = ranges.get(observed);
          if (range == null) {
            empty.add(name);
          } else if (range.constant()) {
            constant.add(name);
          }
        });
    List<String> warnings = new ArrayList<>(ofRuns);
    if (samples < minimum) {
      warnings.add(
          "Calibrated on "
              + samples
              + (samples == 1 ? " sample" : " samples")
              + ", fewer than "
              + minimum
              + ": ranges may miss values that occur in use. Give 500 to 1,000 samples.");
    }
    if (!constant.isEmpty()) {
      warnings.add(
          "These tensors never changed and get a range from their value to zero: "
              + named(constant)
              + ".");
    }
    if (!empty.isEmpty()) {
      warnings.add(
          "These tensors had no elements in any sample, or none that do not mask others, and have"
              + " no range: "
              + named(empty)
              + ".");
    }
    return warnings;
  }

  private static String named(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() <= NAMED ? shown : shown + " and " + (names.size() - NAMED) + " more";
  }
}
