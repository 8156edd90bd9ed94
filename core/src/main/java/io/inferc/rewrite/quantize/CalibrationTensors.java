package io.inferc.rewrite.quantize;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What calibration must observe of a model.
 *
 * @param ranges the tensors whose ranges are needed, in the order of the graph
 * @param channels the tensors whose channels are needed, each with the axis of its channels counted
 *     from the end: -1 is the last
 */
public record CalibrationTensors(Set<String> ranges, Map<String, Integer> channels) {
  public CalibrationTensors {
    ranges = Collections.unmodifiableSet(new LinkedHashSet<>(ranges));
    channels = Collections.unmodifiableMap(new LinkedHashMap<>(channels));
  }
}
