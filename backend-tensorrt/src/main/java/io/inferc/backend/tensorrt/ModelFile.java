package io.inferc.backend.tensorrt;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The file that TensorRT's parser reads.
 *
 * @param path the .onnx file, absolute
 * @param whole whether it holds all of the model; false where weights lie beside it
 */
record ModelFile(Path path, boolean whole) {
  private static final String NAME = "model.onnx";

  /**
   * Returns the source's own file, or a copy in which each size without a name has one of its own.
   * Some exporters write "?" wherever they know no size, and TensorRT holds dimensions of one name
   * to be equal; when the name is taken away after parsing, its shape analysis fails.
   *
   * @param folder where the copy goes
   */
  static ModelFile of(ModelSource source, Path folder) {
    OnnxModel model = source.model();
    if (model.graph().requiredInputs().stream().noneMatch(ModelFile::lacksNames)) {
      Path path = source.path().toAbsolutePath();
      return new ModelFile(path, !hasExternalData(model.graph()) && !hasDataBeside(path));
    }
    Path copy = folder.resolve(NAME).toAbsolutePath();
    model.withGraph(withNames(model.graph())).save(copy);
    return new ModelFile(copy, !hasDataBeside(copy));
  }

  private static boolean lacksNames(ValueInfo input) {
    return input
        .tensor()
        .flatMap(spec -> spec.shape().dimensions())
        .filter(dimensions -> dimensions.stream().anyMatch(ModelFile::lacksName))
        .isPresent();
  }

  private static boolean lacksName(Dimension dimension) {
    return !dimension.isFixed() && dimension.symbol().isEmpty();
  }

  private static Graph withNames(Graph graph) {
    Set<String> taken = new HashSet<>();
    graph.inputs().stream()
        .flatMap(input -> input.tensor().stream())
        .flatMap(spec -> spec.shape().dimensions().stream())
        .forEach(dimensions -> dimensions.forEach(d -> d.symbol().ifPresent(taken::add)));
    GraphEditor editor = graph.edit();
    for (ValueInfo input : graph.inputs()) {
      // All of them, since what is added comes last.
      input
          .tensor()
          .ifPresent(spec -> editor.removeInput(spec.name()).addInput(withNames(spec, taken)));
    }
    return editor.build();
  }

  private static TensorSpec withNames(TensorSpec spec, Set<String> taken) {
    if (!spec.shape().isRankKnown()) {
      return spec;
    }
    List<Dimension> named = new ArrayList<>();
    for (Dimension dimension : spec.shape().dimensions().orElseThrow()) {
      named.add(
          lacksName(dimension)
              ? Dimension.symbolic(newName(spec.name() + "." + named.size(), taken))
              : dimension);
    }
    return new TensorSpec(spec.name(), spec.type(), TensorShape.of(named));
  }

  private static String newName(String wanted, Set<String> taken) {
    String name = wanted;
    while (!taken.add(name)) {
      name += "_";
    }
    return name;
  }

  private static boolean hasDataBeside(Path file) {
    return Files.exists(file.resolveSibling(file.getFileName() + ".data"));
  }

  private static boolean hasExternalData(Graph graph) {
    return graph.initializers().stream().map(Initializer::externalData).anyMatch(d -> d.isPresent())
        || graph.nodes().stream()
            .flatMap(node -> node.subgraphs().stream())
            .anyMatch(ModelFile::hasExternalData);
  }
}
