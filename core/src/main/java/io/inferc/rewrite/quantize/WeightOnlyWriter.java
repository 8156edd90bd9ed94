package io.inferc.rewrite.quantize;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.ConstantContent;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes layers whose weights alone are integers. Weights that several layers read are there once,
 * also where one of them is a table and another a product with the same table transposed.
 */
final class WeightOnlyWriter {
  private static final String CONTRIB = DynamicWriter.CONTRIB;

  /** Constants of one weight, and the matrix that a DequantizeLinear makes of them. */
  private static final class Stored {
    String values = "";
    String scales = "";
    @Nullable String zeros;
    /** The same integers in the shape that the other operator has. */
    @Nullable String reshaped;
    boolean asTable;
    @Nullable String matrix;
  }

  private final GraphEditor editor;
  private final WeightOnlyForm form;
  private final Function<String, Optional<float[]>> meanSquares;
  private final DynamicWriter integerRows;
  private final Map<List<Object>, Stored> known = new HashMap<>();
  private final Set<String> replaced = new HashSet<>();
  private boolean contrib;

  /**
   * Creates a writer.
   *
   * @param editor the main graph
   * @param meanSquares the mean square of each channel of an activation, where it is known
   */
  WeightOnlyWriter(
      GraphEditor editor,
      WeightOnlyForm form,
      Function<String, Optional<float[]>> meanSquares) {
    this.editor = editor;
    this.form = form;
    this.meanSquares = meanSquares;
    integerRows = new DynamicWriter(editor, new DynamicWeights(editor), replaced);
  }

  /** Tells whether an operator was written that only ONNX Runtime has. */
  boolean usesContrib() {
    return contrib;
  }

  /** Removes the constants whose readers are all replaced. */
  void removeUnread() {
    Preparation.removeUnread(editor, replaced);
  }

  /**
   * Writes a layer.
   *
   * @param options how its weights become integers; the block is that of the layer
   * @throws CannotQuantizeException if it cannot be done; then nothing was changed
   */
  void write(WeightOnlyLayer layer, WeightQuantization options, WeightOnlyForm.Variant variant) {
    Node node = layer.node();
    if (WeightOnlyLayer.isProduct(node)) {
      if (form.product() == WeightOnlyForm.Product.MATMUL_NBITS) {
        matMulNBits(layer, options, variant);
      } else {
        dequantized(layer, options);
      }
      replaced.add(node.inputs().get(1));
    } else {
      if (layer.block() == 0) {
        integerRows.write(new EmbeddingTable(node, layer.weights()));
      } else {
        gather(layer, options);
      }
      replaced.add(node.inputs().get(0));
    }
  }

  private void dequantized(WeightOnlyLayer layer, WeightQuantization options) {
    Node node = layer.node();
    Stored stored = stored(layer, options, 1, false);
    if (stored.matrix == null) {
      stored.matrix = editor.freshName(layer.weights().name() + "_dequantized");
      List<String> inputs = inputs(stored.values, stored.scales, stored.zeros);
      editor.insertBefore(
          node,
          Node.builder("DequantizeLinear")
              .name(editor.freshName(node.name() + "_weights"))
              .inputs(inputs.toArray(String[]::new))
              .outputs(stored.matrix)
              .attribute(Attribute.of("axis", layer.rowsLast() ? 0 : 1))
              .attribute(Attribute.of("block_size", layer.block()))
              .build());
    }
    String[] inputs = node.inputs().toArray(String[]::new);
    inputs[1] = stored.matrix;
    editor.replace(node, node.toBuilder().inputs(inputs).build());
  }

  private static List<String> inputs(String first, String second, @Nullable String third) {
    return third == null ? List.of(first, second) : List.of(first, second, third);
  }

  private void matMulNBits(
      WeightOnlyLayer layer, WeightQuantization options, WeightOnlyForm.Variant variant) {
    Node node = layer.node();
    Addend addend = addend(node);
    Stored stored = stored(layer, options, Preparation.number(node, "alpha", 1), false);
    String values = shaped(stored, layer, options.bits(), false);
    String result = node.outputs().get(0);
    String product = addend == null ? result : editor.freshName(result + "_product");
    List<String> inputs = new ArrayList<>(List.of(node.inputs().get(0)));
    inputs.addAll(inputs(values, stored.scales, stored.zeros));
    Node.Builder nBits =
        Node.builder("MatMulNBits")
            .domain(CONTRIB)
            .name(node.name())
            .inputs(inputs.toArray(String[]::new))
            .outputs(product)
            .attribute(Attribute.of("K", layer.row()))
            .attribute(Attribute.of("N", layer.weights().elementCount() / layer.row()))
            .attribute(Attribute.of("bits", options.bits()))
            .attribute(Attribute.of("block_size", layer.block()));
    variant
        .accuracyLevel()
        .ifPresent(level -> nBits.attribute(Attribute.of("accuracy_level", level)));
    List<Node> nodes = new ArrayList<>(List.of(nBits.build()));
    if (addend != null) {
      String bias = addend.constant() == null ? addend.tensor() : scaled(addend);
      nodes.add(
          Node.builder("Add")
              .name(editor.freshName(node.name() + "_bias"))
              .inputs(product, bias)
              .outputs(result)
              .build());
    }
    contrib = true;
    editor.replace(node, nodes.toArray(Node[]::new));
  }

  /** What a Gemm adds; with a constant where that must be multiplied first. */
  private record Addend(String tensor, float beta, @Nullable Initializer constant) {}

  private @Nullable Addend addend(Node node) {
    float beta = Preparation.number(node, "beta", 1);
    String bias = node.input(2).orElse(null);
    if (bias == null || beta == 0) {
      return null;
    }
    if (beta == 1) {
      return new Addend(bias, 1, null);
    }
    Initializer constant =
        Constants.floats(editor, bias)
            .orElseThrow(
                () -> new CannotQuantizeException("its bias is scaled and not constant FLOAT32."));
    return new Addend(bias, beta, constant);
  }

  private String scaled(Addend addend) {
    Initializer constant = addend.constant();
    if (constant == null) {
      return addend.tensor();
    }
    float[] values = constant.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= addend.beta();
    }
    String name = editor.freshName(addend.tensor() + "_scaled");
    editor.putInitializer(Initializer.floats(name, values, constant.dims()));
    replaced.add(addend.tensor());
    return name;
  }

  private void gather(WeightOnlyLayer layer, WeightQuantization options) {
    Node node = layer.node();
    Stored stored = stored(layer, options, 1, true);
    String values = shaped(stored, layer, options.bits(), true);
    List<String> inputs = new ArrayList<>(List.of(values, node.inputs().get(1), stored.scales));
    if (stored.zeros != null) {
      inputs.add(stored.zeros);
    }
    contrib = true;
    editor.replace(
        node,
        Node.builder("GatherBlockQuantized")
            .domain(CONTRIB)
            .name(node.name())
            .inputs(inputs.toArray(String[]::new))
            .outputs(node.outputs().get(0))
            .attribute(Attribute.of("gather_axis", 0))
            .attribute(Attribute.of("quantize_axis", 1))
            .attribute(Attribute.of("bits", options.bits()))
            .attribute(Attribute.of("block_size", layer.block()))
            .build());
  }

  /** Returns the integers in the shape that a table or a product has; a Reshape if need be. */
  private String shaped(Stored stored, WeightOnlyLayer layer, int bits, boolean asTable) {
    if (stored.asTable == asTable) {
      return stored.values;
    }
    if (stored.reshaped == null) {
      long rows = layer.weights().elementCount() / layer.row();
      long[] dims =
          asTable
              ? new long[] {rows, (long) layer.row() * bits / Byte.SIZE}
              : new long[] {rows, layer.row() / layer.block(), layer.block() * bits / Byte.SIZE};
      String shape = editor.freshName(stored.values + "_shape");
      stored.reshaped = editor.freshName(stored.values + "_reshaped");
      editor.putInitializer(Initializer.longs(shape, dims, dims.length));
      editor.insertBefore(
          layer.node(),
          Node.builder("Reshape")
              .name(editor.freshName(stored.reshaped))
              .inputs(stored.values, shape)
              .outputs(stored.reshaped)
              .build());
    }
    return stored.reshaped;
  }

  private Stored stored(
      WeightOnlyLayer layer, WeightQuantization options, float alpha, boolean asTable) {
    Initializer rows = layer.rows();
    boolean blocked = form.product() == WeightOnlyForm.Product.MATMUL_NBITS;
    boolean whole = layer.row() % layer.block() == 0;
    List<Object> key =
        List.of(
            new ConstantContent(rows),
            options.bits(),
            layer.block(),
            alpha,
            !blocked && layer.rowsLast(),
            blocked && !whole && asTable);
    Stored stored = known.get(key);
    if (stored == null) {
      stored = store(layer, rows, options, alpha, asTable);
      known.put(key, stored);
    }
    return stored;
  }

  private Stored store(
      WeightOnlyLayer layer,
      Initializer rows,
      WeightQuantization options,
      float alpha,
      boolean asTable) {
    float[] values = rows.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= alpha;
      if (!Float.isFinite(values[i])) {
        throw new CannotQuantizeException("its weights are not all finite numbers.");
      }
    }
    float[] importance =
        asTable || options.method() != WeightQuantization.Method.ACTIVATION_AWARE
            ? null
            : meanSquares
                .apply(layer.node().inputs().get(0))
                .filter(m -> m.length == layer.row())
                .orElse(null);
    DataType type = layer.weights().type();
    BlockWeights weights =
        new BlockQuantizer(
                options.bits(), layer.block(), options.zeroPoints(), options.method(), type)
            .quantize(values, layer.row(), importance);
    boolean blocked = form.product() == WeightOnlyForm.Product.MATMUL_NBITS;
    String name = layer.weights().name();
    Stored stored = new Stored();
    stored.asTable = asTable;
    stored.values = editor.freshName(name + "_quantized");
    stored.scales = editor.freshName(name + "_scale");
    boolean turned = !blocked && layer.rowsLast();
    editor
        .putInitializer(
            !blocked
                ? weights.integers(stored.values, turned)
                : asTable ? weights.table(stored.values) : weights.blocked(stored.values))
        .putInitializer(weights.scales(stored.scales, type, turned));
    if (options.zeroPoints() || !blocked) {
      // A missing zero point means another type to some readers of DequantizeLinear.
      stored.zeros = editor.freshName(name + "_zero_point");
      editor.putInitializer(
          blocked ? weights.packedZeros(stored.zeros) : weights.zeros(stored.zeros, turned));
    }
    return stored;
  }
}
