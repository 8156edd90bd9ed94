package io.inferc.rewrite.quantize;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.WeightOnlyForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the matrix products and tables of a main graph whose weights alone can be integers.
 *
 * <pre>{@code
 * WeightOnlyLayers found = WeightOnlyLayers.of(model, form, WeightQuantization.bits(4));
 * }</pre>
 *
 * @param products matrix products that can have such weights, in order
 * @param tables names of nodes that read rows of large tables
 * @param obstacles the second half of a sentence about each layer that cannot, by name
 */
public record WeightOnlyLayers(
    List<Product> products, List<String> tables, Map<String, String> obstacles) {
  /**
   * A matrix product with constant weights.
   *
   * @param node its name
   * @param input the activation it multiplies
   * @param inner the length of a row of weights, which an activation has too
   * @param outer how many rows there are
   */
  public record Product(String node, String input, int inner, int outer) {}

  /**
   * Looks at a model.
   *
   * @param model the model, whose nodes have names
   * @param form what the target has
   * @param options how weights shall become integers
   * @return what was found
   */
  public static WeightOnlyLayers of(
      OnnxModel model, WeightOnlyForm form, WeightQuantization options) {
    OnnxModel prepared = Preparation.prepare(model, 0);
    GraphEditor graph = prepared.graph().edit();
    List<Product> products = new ArrayList<>();
    List<String> tables = new ArrayList<>();
    Map<String, String> obstacles = new LinkedHashMap<>();
    int block = largestBlock(form, options);
    for (Node node : prepared.graph().nodes()) {
      boolean table = EmbeddingTable.is(node);
      if (node.name().isEmpty() || !(DynamicLayers.is(node) || table)) {
        continue;
      }
      try {
        WeightOnlyLayer layer = WeightOnlyLayer.of(graph, node, form, options, block);
        if (table) {
          tables.add(node.name());
        } else {
          int outer = Math.toIntExact(layer.weights().elementCount() / layer.row());
          products.add(new Product(node.name(), node.inputs().get(0), layer.row(), outer));
        }
      } catch (CannotQuantizeException e) {
        if (!table) {
          obstacles.put(node.name(), String.valueOf(e.getMessage()));
        }
      }
    }
    graph.giveBack();
    return new WeightOnlyLayers(List.copyOf(products), List.copyOf(tables), obstacles);
  }

  /** Whatever a measurement decides on later: a layer that has larger blocks may have smaller. */
  private static int largestBlock(WeightOnlyForm form, WeightQuantization options) {
    return form.variants(options.bits(), options.block(), options.floatActivations()).stream()
        .mapToInt(WeightOnlyForm.Variant::block)
        .max()
        .orElse(0);
  }

  /**
   * Returns the activations whose channels must be observed to scale weights by them.
   *
   * @param plan which layers have such weights
   * @return the axis of the channels by tensor
   */
  public Map<String, Integer> channels(LayerPlan plan) {
    Map<String, Integer> channels = new LinkedHashMap<>();
    for (Product product : products) {
      if (plan.precision(product.node()).isWeightOnly()) {
        channels.put(product.input(), -1);
      }
    }
    return channels;
  }
}
