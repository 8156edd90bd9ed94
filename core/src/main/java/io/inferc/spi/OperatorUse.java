package io.inferc.spi;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A node as a runtime's kernel would meet it: with the operator set that gives its attributes their
 * meaning, and what is known of its tensors. What a {@link KernelRule} decides on.
 *
 * <pre>{@code
 * OperatorUse use = new OperatorUse(node, model.opset(), facts);
 * boolean matrix = use.rank(0).filter(r -> r == 2).isPresent();
 * }</pre>
 *
 * @param node the node
 * @param opset the version of the ONNX domain that the model imports
 * @param facts what is known of the tensors of the node's graph
 */
public record OperatorUse(Node node, int opset, Facts facts) {
  /** What is known of the tensors of one graph, by name. */
  public interface Facts {
    /**
     * Returns the element type of a tensor.
     *
     * @param tensor the tensor's name
     * @return the type, or empty if it is not known
     */
    Optional<DataType> type(String tensor);

    /**
     * Returns the dimensions of a tensor.
     *
     * @param tensor the tensor's name
     * @return the dimensions, or empty if not even their number is known
     */
    Optional<List<Dimension>> dimensions(String tensor);

    /**
     * Returns the value of a tensor that is the same in every run.
     *
     * @param tensor the tensor's name
     * @return the constant, or empty
     */
    Optional<Initializer> constant(String tensor);

    /**
     * Returns how often a tensor is read: by nodes, once for each input that it is, and as an
     * output of the graph.
     *
     * @param tensor the tensor's name
     * @return the number, or empty if it is not known
     */
    default OptionalInt readers(String tensor) {
      return OptionalInt.empty();
    }

    /**
     * Returns the node that a tensor is the result of.
     *
     * @param tensor the tensor's name
     * @return the node, or empty if there is none or it is not known
     */
    default Optional<Node> producer(String tensor) {
      return Optional.empty();
    }

    /**
     * Returns the nodes that read a tensor.
     *
     * @param tensor the tensor's name
     * @return the nodes of the same graph; empty if there are none or they are not known
     */
    default List<Node> consumers(String tensor) {
      return List.of();
    }

    /**
     * Returns the types of all operators of the model, those inside of other nodes and of functions
     * too.
     *
     * @return the types, or empty if they are not known
     */
    default Optional<Set<String>> operators() {
      return Optional.empty();
    }
  }

  public OperatorUse {
    Objects.requireNonNull(node);
    Objects.requireNonNull(facts);
  }

  /**
   * Returns the element type of an input.
   *
   * @param input the input's position
   * @return the type, or empty if the input is left out or its type is not known
   */
  public Optional<DataType> type(int input) {
    return node.input(input).flatMap(facts::type);
  }

  /**
   * Returns how many dimensions an input has.
   *
   * @param input the input's position
   * @return the number, or empty if the input is left out or its rank is not known
   */
  public Optional<Integer> rank(int input) {
    return dimensions(input).map(List::size);
  }

  /**
   * Returns the dimensions of an input.
   *
   * @param input the input's position
   * @return the dimensions, or empty if the input is left out or its rank is not known
   */
  public Optional<List<Dimension>> dimensions(int input) {
    return node.input(input).flatMap(facts::dimensions);
  }

  /**
   * Returns the value of an input that is the same in every run.
   *
   * @param input the input's position
   * @return the constant, or empty
   */
  public Optional<Initializer> constant(int input) {
    return node.input(input).flatMap(facts::constant);
  }

  /**
   * Returns an attribute that is a text.
   *
   * @param attribute the attribute's name
   * @param otherwise what it is where the node leaves it out
   * @return the text
   */
  public String text(String attribute, String otherwise) {
    return node.attribute(attribute).map(a -> a.asString()).orElse(otherwise);
  }
}
