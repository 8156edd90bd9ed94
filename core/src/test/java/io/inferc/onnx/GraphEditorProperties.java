package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class GraphEditorProperties {
  @Property(tries = 200)
  void anyOrderOfNodesIsSortedSoThatReadsComeAfterWrites(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int size) {
    Graph graph = random(seed, size);
    List<Node> shuffled = new ArrayList<>(graph.nodes());
    Collections.shuffle(shuffled, new Random(seed));

    Graph sorted = withNodes(graph, shuffled).edit().build();

    assertTopological(sorted);
    assertEquals(new HashSet<>(graph.nodes()), new HashSet<>(sorted.nodes()));
    assertEquals(sorted, sorted.edit().build(), "sorting again changes nothing");
  }

  @Property(tries = 200)
  void nodesInsertedAnywhereAndBypassedAgainLeaveTheGraphAsItWas(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int size) {
    Graph graph = random(seed, size);
    Random random = new Random(seed);
    GraphEditor editor = graph.edit();
    for (Node node : graph.nodes()) {
      if (random.nextBoolean()) {
        String output = node.outputs().get(0);
        String copy = editor.freshName("copy");
        editor.replaceUses(output, copy);
        editor.insertAfter(node, Node.of("Identity", List.of(output), List.of(copy)));
      }
    }
    Graph longer = editor.build();
    assertEquals(List.of(), OnnxModel.of(longer, 17).check());

    GraphEditor back = longer.edit();
    for (Node node : longer.nodes()) {
      if (node.opType().equals("Identity")) {
        Node now = back.current(node).orElseThrow();
        back.replaceUses(now.outputs().get(0), now.inputs().get(0));
        back.remove(node);
      }
    }

    assertEquals(graph, back.build());
  }

  @Property(tries = 200)
  void tensorsRenamedAndRenamedBackLeaveTheGraphAsItWas(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int size) {
    Graph graph = random(seed, size);
    List<String> names = new ArrayList<>(graph.definedNames());
    Collections.sort(names);
    Collections.shuffle(names, new Random(seed));
    GraphEditor there = graph.edit();
    names.forEach(n -> there.renameTensor(n, n + "'"));
    Graph renamed = there.build();
    assertEquals(List.of(), OnnxModel.of(renamed, 17).check());
    assertTrue(renamed.definedNames().stream().allMatch(n -> n.endsWith("'")));

    GraphEditor back = renamed.edit();
    names.forEach(n -> back.renameTensor(n + "'", n));
    Graph restored = back.build();

    assertEquals(graph.nodes(), restored.nodes());
    assertEquals(new HashSet<>(graph.initializers()), new HashSet<>(restored.initializers()));
    assertEquals(graph.inputs(), restored.inputs());
    assertEquals(graph.outputs(), restored.outputs());
  }

  @Property(tries = 200)
  void theIndexOfTheEditorAgreesWithAnotherMadeFromTheResult(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 40) int size) {
    Graph graph = random(seed, size);
    Random random = new Random(seed);
    GraphEditor editor = graph.edit();
    for (int i = 0; i < 20; i++) {
      Node node = graph.nodes().get(random.nextInt(size));
      Node now = editor.current(node).orElseThrow();
      switch (random.nextInt(3)) {
        case 0 -> editor.replace(node, now.toBuilder().name("again" + i).build());
        case 1 ->
            editor.insertBefore(
                node, Node.of("Neg", List.of("x0"), List.of(editor.freshName("fresh"))));
        default -> {
          String old = now.outputs().get(0);
          editor.renameTensor(old, editor.freshName(old));
        }
      }
    }
    GraphEditor other = editor.build().edit();

    Set<String> names = editor.build().definedNames();
    for (String name : names) {
      assertEquals(editor.producer(name), other.producer(name), name);
      assertEquals(
          new HashSet<>(editor.consumers(name)), new HashSet<>(other.consumers(name)), name);
    }
  }

  @Property(tries = 100)
  void anyGraphSurvivesSerialization(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int size) {
    OnnxModel model = OnnxModel.of(random(seed, size), 17);

    OnnxModel back = OnnxModel.read(model.toBytes());

    assertEquals(model, back);
    assertEquals(model.digest(), back.digest());
  }

  private static Graph random(long seed, int size) {
    Random random = new Random(seed);
    var builder =
        Graph.builder("random")
            .input(TensorSpec.of("x0", DataType.FLOAT32, 4))
            .input(TensorSpec.of("x1", DataType.FLOAT32, 4))
            .initializer(Initializer.floats("c", new float[] {1, 2, 3, 4}, 4));
    List<String> made = new ArrayList<>(List.of("x0", "x1", "c"));
    for (int i = 0; i < size; i++) {
      String output = "t" + i;
      List<String> inputs =
          List.of(made.get(random.nextInt(made.size())), made.get(random.nextInt(made.size())));
      builder.node(
          Node.builder("Add")
              .name("n" + i)
              .inputs(inputs.get(0), inputs.get(1))
              .outputs(output)
              .build());
      made.add(output);
    }
    return builder.output(TensorSpec.of("t" + (size - 1), DataType.FLOAT32, 4)).build();
  }

  private static Graph withNodes(Graph graph, List<Node> nodes) {
    return new Graph(
        graph.rest(),
        ExternalFiles.NONE,
        nodes,
        graph.initializers(),
        graph.inputs(),
        graph.outputs(),
        graph.valueInfos());
  }

  private static void assertTopological(Graph graph) {
    Set<String> made = new HashSet<>(List.of("x0", "x1", "c"));
    for (Node node : graph.nodes()) {
      assertTrue(made.containsAll(node.inputs()), () -> node + " in " + graph);
      made.addAll(node.outputs());
    }
  }
}
