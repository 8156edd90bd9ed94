package io.inferc.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A linked list of nodes, indexed by identity, by what they make and by what they read. */
final class NodeList {
  private static final class Link {
    private Node node;
    private @Nullable Link previous;
    private @Nullable Link next;
    private boolean removed;

    Link(Node node) {
      this.node = node;
    }
  }

  /**
   * The readers of one tensor in the order they were added, without duplicates. Nearly all tensors
   * have one reader, for which a set would be large; some constants have thousands.
   */
  private static final class Readers {
    private @Nullable Link only;
    private @Nullable Set<Link> several;

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

    int size() {
      return several != null ? several.size() : only == null ? 0 : 1;
    }

    List<Node> nodes() {
      if (several != null) {
        return several.stream().map(l -> l.node).toList();
      }
      return only == null ? List.of() : List.of(only.node);
    }
  }

  private final IdentityHashMap<Node, Link> links;
  private final Map<String, Link> producers;
  private final Map<String, Readers> consumers;
  private @Nullable Link first;
  private @Nullable Link last;
  private int size;

  /** Creates an empty list with room for some nodes. */
  NodeList(int nodes) {
    links = new IdentityHashMap<>(nodes);
    producers = new HashMap<>(2 * nodes);
    consumers = new HashMap<>(2 * nodes);
  }

  void append(Node node) {
    insert(node, last, null);
  }

  void insertBefore(Node place, Node... nodes) {
    Link at = link(place);
    for (Node n : nodes) {
      insert(n, at.previous, at);
    }
  }

  void insertAfter(Node place, Node... nodes) {
    Link at = link(place);
    for (Node n : nodes) {
      insert(n, at, at.next);
      at = link(n);
    }
  }

  private void insert(Node node, @Nullable Link previous, @Nullable Link next) {
    requireNew(node);
    Link link = new Link(node);
    link.previous = previous;
    link.next = next;
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

  private void register(Link link) {
    for (String output : link.node.outputs()) {
      if (!output.isEmpty()) {
        producers.put(output, link);
      }
    }
    for (String read : link.node.readsWithRepeats()) {
      if (!read.isEmpty()) {
        consumers.computeIfAbsent(read, r -> new Readers()).add(link);
      }
    }
  }

  private void unregister(Link link) {
    for (String output : link.node.outputs()) {
      // A replacement inserted before has already taken the name over.
      producers.remove(output, link);
    }
    for (String read : link.node.readsWithRepeats()) {
      Readers readers = consumers.get(read);
      if (readers != null) {
        readers.remove(link);
      }
    }
  }

  /** Puts another node in a node's place; whoever holds the former one still means that place. */
  void replace(Node place, Node node) {
    Link link = link(place);
    requireNew(node);
    unregister(link);
    link.node = node;
    links.put(node, link);
    register(link);
  }

  /** Returns what now stands where a node was put, or empty if it was removed. */
  Optional<Node> current(Node node) {
    return Optional.ofNullable(links.get(node)).filter(l -> !l.removed).map(l -> l.node);
  }

  void remove(Node node) {
    Link link = link(node);
    link.removed = true;
    unregister(link);
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
    return Optional.ofNullable(producers.get(tensor)).map(l -> l.node);
  }

  List<Node> consumers(String tensor) {
    Readers readers = consumers.get(tensor);
    return readers == null ? List.of() : readers.nodes();
  }

  int consumerCount(String tensor) {
    Readers readers = consumers.get(tensor);
    return readers == null ? 0 : readers.size();
  }

  List<Node> toList() {
    List<Node> nodes = new ArrayList<>(size);
    for (Link l = first; l != null; l = l.next) {
      nodes.add(l.node);
    }
    return nodes;
  }
}
