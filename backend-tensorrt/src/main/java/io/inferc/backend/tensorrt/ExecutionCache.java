package io.inferc.backend.tensorrt;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Chooses the execution for a binding: one context that is set anew from binding to binding, and,
 * where graphs are wanted, a context each for bindings that come back, the least recently used
 * giving way.
 */
final class ExecutionCache implements AutoCloseable {
  private static final int SEEN_FOR_EACH_GRAPH = 4;

  private final int graphs;
  private final Supplier<Execution> maker;
  private final Execution plain;
  private final Map<List<Long>, Execution> recorded = new LinkedHashMap<>(16, 0.75f, true);
  // Bindings that were run once; a map, for its order.
  private final Map<List<Long>, Boolean> seen = new LinkedHashMap<>();

  /**
   * Makes a cache with its first context.
   *
   * @param graphs how many bindings may be recorded
   * @param maker makes contexts
   */
  ExecutionCache(int graphs, Supplier<Execution> maker) {
    this.graphs = graphs;
    this.maker = maker;
    plain = maker.get();
  }

  /** The context that may be set to anything at any time. */
  Execution plain() {
    return plain;
  }

  /** Returns an execution that is set to what is bound. */
  Execution choose(Port[] inputs, Port[] outputs) {
    if (graphs == 0) {
      plain.set(inputs, outputs);
      return plain;
    }
    List<Long> key = key(inputs, outputs);
    Execution known = recorded.get(key);
    if (known != null) {
      return known;
    }
    if (seen.remove(key) == null) {
      remember(key);
      plain.set(inputs, outputs);
      return plain;
    }
    Execution own = forKey();
    own.set(inputs, outputs);
    recorded.put(key, own);
    return own;
  }

  private void remember(List<Long> key) {
    if (seen.size() >= SEEN_FOR_EACH_GRAPH * graphs) {
      Iterator<List<Long>> oldest = seen.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    seen.put(key, true);
  }

  private Execution forKey() {
    if (recorded.size() < graphs) {
      return maker.get();
    }
    Iterator<Execution> oldest = recorded.values().iterator();
    Execution execution = oldest.next();
    oldest.remove();
    return execution;
  }

  /** What a graph depends on: the shapes, and where everything lies. */
  private static List<Long> key(Port[] inputs, Port[] outputs) {
    List<Long> key = new ArrayList<>();
    for (Port[] ports : List.of(inputs, outputs)) {
      for (Port port : ports) {
        if (port.isUsed()) {
          for (long size : port.shape()) {
            key.add(size);
          }
          key.add(port.address().address());
          key.add(port.isCopied() ? port.hostEnd().address() : 0L);
        }
      }
    }
    return List.copyOf(key);
  }

  @Override
  public void close() {
    recorded.values().forEach(Execution::close);
    recorded.clear();
    plain.close();
  }
}
