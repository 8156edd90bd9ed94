package io.inferc.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A linked list of nodes, indexed by identity, by what they make and by what they read. To make the
 * index takes longer than most edits, so a finished graph keeps it for the next editor.
 */
final class NodeList {
  /** Room between the positions of neighbours, for nodes that come between them. */
  private static final long GAP = 1L << 32;

  private static final class Link {
    private Node node;
    // What the node makes and reads; kept so that each name is looked up once only.
    private Wire[] outputs = NONE;
    private Wire[] reads = NONE;
    private long position;
    private @Nullable Link previous;
    private @Nullable Link next;
    private boolean removed;
    private boolean touched;

    Link(Node node) {
      this.node = node;
    }
  }

  private static final Wire[] NONE = {};

  /**
   * A tensor with the node that makes it and its readers in the order they were added, without
   * duplicates. Nearly all tensors have one reader, for which a set would be large; some constants
   * have thousands.
   */
  private static final class Wire {
    private final String name;
    private @Nullable Link producer;
    private @Nullable Link only;
    private @Nullable Set<Link> several;

    Wire(String name) {
      this.name = name;
    }

    void add(Link link) {
      if (several != null) {
        several.add(link);
      } else if (only == null) {
        only = link;
      } else if (only != link) {
        several = new LinkedHashSet<>();
        several.add(only);
        several.add(link);
        only = null;
      }
    }

    void remove(Link link) {
      if (several != null) {
        several.remove(link);
      } else if (only == link) {
        only = null;
      }
    }

    boolean isReadOnlyAfter(long position) {
      if (several == null) {
        return only == null || only.position > position;
      }
      for (Link reader : several) {
        if (reader.position <= position) {
          return false;
        }
      }
      return true;
    }

    int size() {
      return several != null ? several.size() : only == null ? 0 : 1;
    }

    /** In the order of the graph, so that it does not matter which edits led to it. */
    List<Node> readers() {
      if (several != null) {
        return several.stream()
            .sorted(Comparator.comparingLong(l -> l.position))
            .map(l -> l.node)
            .toList();
      }
      return only == null ? List.of() : List.of(only.node);
    }
  }

  private final IdentityHashMap<Node, Link> links;
  private final Map<String, Wire> wires;
  private @Nullable Link first;
  private @Nullable Link last;
  private int size;
  private boolean numbered = true;
  // Whether the order was right, but for the nodes that were put there or changed since.
  private boolean sorted;
  private final List<Link> touched = new ArrayList<>();
  private final List<Node> outdated = new ArrayList<>();

  /**
   * Creates a list.
   *
   * @param nodes the nodes
   * @param sorted whether each is known to come after those whose outputs it reads
   */
  NodeList(List<Node> nodes, boolean sorted) {
    links = new IdentityHashMap<>(nodes.size());
    wires = new HashMap<>(2 * nodes.size());
    nodes.forEach(this::append);
    forgetTouched();
    this.sorted = sorted;
  }

  void append(Node node) {
    insert(node, last, null, GAP);
  }

  void insertBefore(Node place, Node... nodes) {
    Link at = link(place);
    long step = step(at.previous, at, nodes.length);
    for (Node n : nodes) {
      insert(n, at.previous, at, step);
    }
  }

  void insertAfter(Node place, Node... nodes) {
    Link at = link(place);
    long step = step(at, at.next, nodes.length);
    for (Node n : nodes) {
      insert(n, at, at.next, step);
      at = link(n);
    }
  }

  /** How far apart some nodes can stand between two neighbours; 0 if there is no room. */
  private static long step(@Nullable Link previous, @Nullable Link next, int nodes) {
    if (next == null) {
      return GAP;
    }
    long from = previous == null ? next.position - GAP * (nodes + 1L) : previous.position;
    return (next.position - from) / (nodes + 1L);
  }

  private void insert(Node node, @Nullable Link previous, @Nullable Link next, long step) {
    requireNew(node);
    Link link = new Link(node);
    link.previous = previous;
    link.next = next;
    if (previous != null) {
      link.position = previous.position + step;
    } else if (next != null) {
      link.position = next.position - GAP;
    }
    numbered &= step > 0;
    touch(link);
    if (previous == null) {
      first = link;
    } else {
      previous.next = link;
    }
    if (next == null) {
      last = link;
    } else {
      next.previous = link;
    }
    links.put(node, link);
    register(link);
    size++;
  }

  private void requireNew(Node node) {
    if (links.containsKey(node)) {
      throw new IllegalArgumentException(
          "Tried to insert the node '" + node + "' a second time. Make a copy with toBuilder().");
    }
  }

  private void touch(Link link) {
    if (!link.touched) {
      link.touched = true;
      touched.add(link);
    }
  }

  private void forgetTouched() {
    for (Link link : touched) {
      link.touched = false;
    }
    touched.clear();
  }

  private void register(Link link) {
    link.outputs = wires(link.node.outputs());
    for (Wire output : link.outputs) {
      output.producer = link;
    }
    link.reads = wires(link.node.readsWithRepeats());
    for (Wire read : link.reads) {
      read.add(link);
    }
  }

  private Wire[] wires(Collection<String> names) {
    Wire[] found = new Wire[names.size()];
    int n = 0;
    for (String name : names) {
      if (!name.isEmpty()) {
        Wire wire = wires.get(name);
        if (wire == null) {
          wire = new Wire(name);
          wires.put(name, wire);
        }
        found[n++] = wire;
      }
    }
    return n == found.length ? found : Arrays.copyOf(found, n);
  }

  private void unregister(Link link) {
    for (Wire output : link.outputs) {
      // A replacement inserted before has already taken the name over.
      if (output.producer == link) {
        output.producer = null;
      }
    }
    for (Wire read : link.reads) {
      read.remove(link);
    }
  }

  /** Drops the names that nothing has any more, once what replaces a node is there. */
  private void forgetUnused(Wire[] former) {
    for (Wire wire : former) {
      if (wire.producer == null && wire.size() == 0) {
        wires.remove(wire.name, wire);
      }
    }
  }

  /** Puts another node in a node's place; whoever holds the former one still means that place. */
  void replace(Node place, Node node) {
    Link link = link(place);
    requireNew(node);
    Wire[] outputs = link.outputs;
    Wire[] reads = link.reads;
    unregister(link);
    outdated.add(link.node);
    link.node = node;
    touch(link);
    links.put(node, link);
    register(link);
    forgetUnused(outputs);
    forgetUnused(reads);
  }

  /** Returns what now stands where a node was put, or empty if it was removed. */
  Optional<Node> current(Node node) {
    return Optional.ofNullable(links.get(node)).filter(l -> !l.removed).map(l -> l.node);
  }

  void remove(Node node) {
    Link link = link(node);
    link.removed = true;
    outdated.add(link.node);
    unregister(link);
    forgetUnused(link.outputs);
    forgetUnused(link.reads);
    size--;
    if (link.previous == null) {
      first = link.next;
    } else {
      link.previous.next = link.next;
    }
    if (link.next == null) {
      last = link.previous;
    } else {
      link.next.previous = link.previous;
    }
  }

  private Link link(Node node) {
    Link link = links.get(node);
    if (link == null || link.removed) {
      throw new IllegalArgumentException(
          "Tried to edit around the node '"
              + node
              + "', but it is not in the graph, or was removed. Pass the node itself as"
              + " producer(), consumers() or Graph.nodes() return it.");
    }
    return link;
  }

  Optional<Node> producer(String tensor) {
    Wire wire = wires.get(tensor);
    Link producer = wire == null ? null : wire.producer;
    return producer == null ? Optional.empty() : Optional.of(producer.node);
  }

  List<Node> consumers(String tensor) {
    Wire wire = wires.get(tensor);
    number();
    return wire == null ? List.of() : wire.readers();
  }

  int consumerCount(String tensor) {
    Wire wire = wires.get(tensor);
    return wire == null ? 0 : wire.size();
  }

  List<Node> toList() {
    List<Node> nodes = new ArrayList<>(size);
    for (Link l = first; l != null; l = l.next) {
      nodes.add(l.node);
    }
    return nodes;
  }

  private void number() {
    if (numbered) {
      return;
    }
    long position = 0;
    for (Link l = first; l != null; l = l.next) {
      l.position = position;
      position += GAP;
    }
    numbered = true;
  }

  /** Tells whether each node comes after those whose outputs it reads. */
  boolean isSorted() {
    number();
    boolean right = true;
    if (sorted) {
      for (Link l : touched) {
        right = right && (l.removed || (followsProducers(l) && precedesConsumers(l)));
      }
    } else {
      for (Link l = first; l != null && right; l = l.next) {
        right = followsProducers(l);
      }
    }
    return right;
  }

  private static boolean followsProducers(Link link) {
    for (Wire read : link.reads) {
      if (read.producer != null && read.producer.position >= link.position) {
        return false;
      }
    }
    return true;
  }

  private static boolean precedesConsumers(Link link) {
    for (Wire output : link.outputs) {
      if (!output.isReadOnlyAfter(link.position)) {
        return false;
      }
    }
    return true;
  }

  /** Forgets what led here; only for a list that is in order. */
  void settle() {
    outdated.forEach(links::remove);
    outdated.clear();
    forgetTouched();
    sorted = true;
  }
}
