package io.inferc.onnx;

import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import io.inferc.onnx.internal.proto.StringStringEntryProto;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The schema's lists of pairs as maps. */
final class Entries {
  private Entries() {}

  static Map<String, String> toMap(List<StringStringEntryProto> entries) {
    Map<String, String> map = new LinkedHashMap<>();
    entries.forEach(e -> map.put(e.getKey(), e.getValue()));
    return Collections.unmodifiableMap(map);
  }

  static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** Maps domains to versions; the two spellings of the default domain become the empty one. */
  static Map<String, Integer> opsets(List<OperatorSetIdProto> imports) {
    Map<String, Integer> map = new LinkedHashMap<>();
    imports.forEach(i -> map.merge(domain(i.getDomain()), version(i.getVersion()), Math::max));
    return Collections.unmodifiableMap(map);
  }

  static String domain(String written) {
    return written.equals("ai.onnx") ? "" : written;
  }

  private static int version(long version) {
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, version));
  }
}
