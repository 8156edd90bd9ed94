package io.inferc.backend.tensorrt;

import io.inferc.backend.tensorrt.BuildFailure.At;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import java.util.List;
import java.util.Optional;

/** Says TensorRT's refusals in full, in the words of the model. */
final class Errors {
  // What the parser calls a node without a name: after its first output.
  private static final String UNNAMED = "node_of_";

  private Errors() {}

  static InfercException build(
      String model, Graph graph, BuildFailure failure, List<String> complaints) {
    String refused = "Tried to compile the model " + model + " for TensorRT, but ";
    String said = plain(String.valueOf(failure.getMessage()));
    String log =
        complaints.isEmpty()
            ? ""
            : " TensorRT said: " + plain(String.join(" | ", complaints)) + ".";
    return switch (failure.kind()) {
      case PARSE ->
          exception(
              refused
                  + "its parser refused "
                  + node(graph, failure.at()).map(n -> n + ": ").orElse("it: ")
                  + said
                  + ".",
              parseRemedy(said));
      case SHAPE_INPUT ->
          exception(
              refused
                  + "the values of its input '"
                  + said
                  + "' decide about shapes, and a shape profile has no ranges of values.",
              "Make that input a constant of the model, or derive the shape from another input.");
      case PROFILE ->
          exception(
              refused + said + "." + log,
              "Make the profile's sizes ones that the model can compute with.");
      case NO_BUILDER ->
          exception(
              refused + "no builder could be had: " + said + "." + log,
              "Put the folder of TensorRT's libraries on the loader's path (LD_LIBRARY_PATH) before"
                  + " the JVM starts, or build in a process of its own with"
                  + " TensorRtOptions.isolatedBuild(true).");
      case OPTION -> exception(refused + said + ".", "Leave that option at its default.");
      case FILE ->
          exception(
              refused + said + ".",
              "Check the free space and the permissions of the temporary folder"
                  + " (java.io.tmpdir).");
      case BUILD -> exception(refused + said + "." + log, buildRemedy(said + log));
    };
  }

  private static InfercException exception(String problem, String remedy) {
    return new InfercException(Stage.COMPILE, problem, remedy);
  }

  /** The node as the model names it: by its name, else by its operator and first output. */
  static Optional<String> node(Graph graph, At at) {
    Optional<Node> found = find(graph, at);
    if (found.isEmpty()) {
      String words = (at.operator() + " " + at.name()).strip();
      return words.isEmpty() ? Optional.empty() : Optional.of("the node " + words);
    }
    Node node = found.get();
    String name = node.name();
    return Optional.of(
        "the node "
            + (name.isBlank() ? "that makes '" + firstOutput(node) + "'" : "'" + name + "'")
            + " ("
            + node.opType()
            + ")");
  }

  private static Optional<Node> find(Graph graph, At at) {
    if (!at.name().isBlank()) {
      Optional<Node> named =
          graph.nodes().stream().filter(n -> n.name().equals(at.name())).findFirst();
      if (named.isPresent()) {
        return named;
      }
      if (at.name().startsWith(UNNAMED)) {
        String output = at.name().substring(UNNAMED.length());
        Optional<Node> maker =
            graph.nodes().stream().filter(n -> n.outputs().contains(output)).findFirst();
        if (maker.isPresent()) {
          return maker;
        }
      }
    }
    if (at.index() < 0 || at.index() >= graph.nodes().size()) {
      return Optional.empty();
    }
    Node node = graph.nodes().get(at.index());
    return at.operator().isBlank() || node.opType().equals(at.operator())
        ? Optional.of(node)
        : Optional.empty();
  }

  private static String firstOutput(Node node) {
    return node.outputs().isEmpty() ? "nothing" : node.outputs().get(0);
  }

  private static String parseRemedy(String said) {
    if (said.contains("lugin not found") || said.contains("No importer registered")) {
      return "TensorRT has no operator of that name: export the model with standard operators, or"
          + " run it with another back end.";
    }
    if (said.contains("type") || said.contains("Type")) {
      return "TensorRT takes types as the model writes them: correct the types at that node, or"
          + " insert a Cast before it.";
    }
    return "OnnxModel.load(path).check() lists what is wrong with a model; if it finds nothing,"
        + " TensorRT does not support the node in this form.";
  }

  private static String buildRemedy(String said) {
    if (said.contains("OutOfMemory")
        || said.contains("out of memory")
        || said.contains("insufficient memory")) {
      return "Free the GPU's memory, narrow the shape profiles, or set"
          + " TensorRtOptions.workspaceBytes.";
    }
    if (said.contains("Could not find any implementation")) {
      return "No kernel serves that layer in its precision and shapes: give it more workspace, keep"
          + " the layer at FLOAT32, or use a newer TensorRT.";
    }
    return "The lines of TensorRT's log say what failed; the logger"
        + " io.inferc.backend.tensorrt.build has all of them at the level TRACE.";
  }

  /** The sentence without its full stop, so that ours can go on. */
  private static String plain(String text) {
    String stripped = text.strip();
    return stripped.endsWith(".") ? stripped.substring(0, stripped.length() - 1) : stripped;
  }
}
