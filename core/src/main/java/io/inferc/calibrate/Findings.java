package io.inferc.calibrate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the passes found, tensor by tensor in the order of the graph. */
final class Findings {
  private static final int NAMED = 8;

  private final Map<String, TensorRange> ranges = new LinkedHashMap<>();
  private final Map<String, ChannelStatistics> channels = new LinkedHashMap<>();
  private final List<String> constant = new ArrayList<>();
  private final List<String> empty = new ArrayList<>();

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
        empty.add(name);
        continue;
      }
      ranges.put(name, range);
      if (range.constant()) {
        constant.add(name);
      }
      ChannelStatistics statistics = observations.get(i).channels();
      if (statistics != null) {
        channels.put(name, statistics);
      }
    }
  }

  void addTo(CalibrationTable.Builder table) {
    ranges.forEach(table::range);
    channels.forEach(table::channels);
  }

  List<String> warnings(long samples, long minimum) {
    List<String> warnings = new ArrayList<>();
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
          "These tensors had no elements in any sample and have no range: " + named(empty) + ".");
    }
    return warnings;
  }

  private static String named(List<String> names) {
    String shown = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() <= NAMED ? shown : shown + " and " + (names.size() - NAMED) + " more";
  }
}
