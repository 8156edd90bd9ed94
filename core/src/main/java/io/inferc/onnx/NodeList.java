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

  private final IdentityHashMap<Node, Link> links = new IdentityHashMap<>();
  private final Map<String, Link> producers = new HashMap<>();
  private final Map<String, Set<Link>> consumers = new HashMap<>();
  private @Nullable Link first;
  private @Nullable Link last;
  private int size;

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
    for (String read : link.node.reads()) {
      consumers.computeIfAbsent(read, r -> new LinkedHashSet<>()).add(link);
    }
  }

  private void unregister(Link link) {
    for (String output : link.node.outputs()) {
      // A replacement inserted before has already taken the name over.
      producers.remove(output, link);
    }
    for (String read : link.node.reads()) {
      Set<Link> readers = consumers.get(read);
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
    return consumers.getOrDefault(tensor, Set.of()).stream().map(l -> l.node).toList();
  }

  List<Node> toList() {
    List<Node> nodes = new ArrayList<>(size);
    for (Link l = first; l != null; l = l.next) {
      nodes.add(l.node);
    }
    return nodes;
  }
}
