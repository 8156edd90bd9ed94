package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an editor knows of a graph goes on to the next editor, which must not tell. */
class GraphOrderTest {
  private static final TensorSpec X = TensorSpec.of("x", DataType.FLOAT32, "n");

  private static Node node(String name, String input) {
    return Node.builder("Relu").name(name).inputs(input).outputs(name).build();
  }

  private static Graph chain() {
    Graph graph =
        Graph.builder("chain")
            .input(X)
            .node(node("a", "x"))
            .node(node("b", "a"))
            .node(node("c", "b"))
            .output(TensorSpec.of("c", DataType.FLOAT32, "n"))
            .build();
    return graph.edit().build();
  }

  private static List<String> names(Graph graph) {
    return graph.nodes().stream().map(Node::name).toList();
  }

  @Test
  void nodesInsertedInTheWrongPlaceAreSortedInALaterEdit() {
    GraphEditor editor = chain().edit();
    Node c = editor.producer("c").orElseThrow();
    editor.replace(c, node("c", "d")).append(node("d", "b"));
    assertEquals(List.of("a", "b", "d", "c"), names(editor.build()));
  }

  @Test
  void aNodeThatComesToReadALaterOneIsSortedBehindIt() {
    GraphEditor editor = chain().edit();
    Node b = editor.producer("b").orElseThrow();
    editor.insertBefore(b, node("late", "b"));
    assertEquals(List.of("a", "b", "late", "c"), names(editor.build()));
  }

  @Test
  void aCycleMadeInALaterEditIsFound() {
    GraphEditor editor = chain().edit();
    Node a = editor.producer("a").orElseThrow();
    editor.replace(a, node("a", "c"));
    assertThrows(ModelFormatException.class, editor::build);
  }

  @Test
  void manyNodesInOnePlaceKeepTheirOrder() {
    GraphEditor editor = chain().edit();
    Node c = editor.producer("c").orElseThrow();
    String last = "b";
    for (int i = 0; i < 200; i++) {
      editor.insertBefore(c, node("n" + i, last));
      last = "n" + i;
    }
    editor.replaceUses("b", "b");
    List<String> names = names(editor.build());
    assertEquals(203, names.size());
    for (int i = 0; i < 200; i++) {
      assertEquals("n" + i, names.get(i + 2));
    }
  }

  @Test
  void readersComeInTheOrderOfTheGraphWhateverWasEdited() {
    GraphEditor editor = chain().edit();
    Node b = editor.producer("b").orElseThrow();
    editor.insertAfter(b, node("second", "x"));
    Node a = editor.producer("a").orElseThrow();
    editor.replace(a, a.toBuilder().opType("Tanh").build());
    List<String> readers = editor.consumers("x").stream().map(Node::name).toList();
    assertEquals(List.of("a", "second"), readers);
    Graph built = editor.build();
    assertEquals(readers, built.edit().consumers("x").stream().map(Node::name).toList());
  }

  @Test
  void aNodeOfAnEarlierEditIsUnknownToTheNextEditor() {
    GraphEditor editor = chain().edit();
    Node a = editor.producer("a").orElseThrow();
    Graph built = editor.replace(a, a.toBuilder().opType("Tanh").build()).build();
    assertTrue(built.edit().current(a).isEmpty());
  }

  @Test
  void twoEditorsOfOneGraphDoNotSeeEachOther() {
    Graph graph = chain();
    GraphEditor first = graph.edit();
    GraphEditor second = graph.edit();
    first.remove(first.producer("c").orElseThrow());
    assertEquals(1, second.consumerCount("b"));
    assertEquals(List.of("a", "b"), names(first.build()));
    assertEquals(List.of("a", "b", "c"), names(second.build()));
    assertEquals(List.of("a", "b", "c"), names(graph));
  }

  @Test
  void anEditorGoesOnFromWhatItBuilt() {
    GraphEditor editor = chain().edit();
    Graph once = editor.build();
    editor.remove(editor.producer("c").orElseThrow());
    assertEquals(List.of("a", "b"), names(editor.build()));
    assertEquals(List.of("a", "b", "c"), names(once));
    assertEquals(1, once.edit().consumerCount("b"));
  }
}
