package io.inferc.onnx;

import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What must be changed in a node when its operator set goes from one version to the next, from 7 to
 * 21. Source: the change log of the published operator specification.
 */
final class OpsetRules {
  /** A node on its way to the next version. */
  record Site(
      Node node,
      int version,
      UnaryOperator<String> fresh,
      Map<String, Integer> ranks,
      Map<String, DataType> types,
      Map<String, Initializer> constants) {
    /** The element type of what the node computes with, told by its first input or its result. */
    Optional<DataType> type() {
      return node.input(0)
          .map(types::get)
          .or(() -> node.outputs().stream().findFirst().map(types::get));
    }

    /** A number that was an attribute, in the type that it is used with. */
    Node scalar(String name, float value) {
      return constant(Initializer.floats(name, type().orElseThrow(), new float[] {value}));
    }

    String newName(String hint) {
      String base = node.outputs().isEmpty() ? node.opType() : node.outputs().get(0);
      return fresh.apply(base + "_" + hint);
    }
  }

  /** Rewrites one operator at one version. */
  interface Rule {
    List<Node> apply(Site site);

    default Optional<String> objection(Site site) {
      return Optional.empty();
    }
  }

  private interface UnaryNodeCheck {
    Optional<String> objection(Node node);
  }

  private record Refusable(Rule rule, UnaryNodeCheck objects) implements Rule {
    @Override
    public List<Node> apply(Site site) {
      return rule.apply(site);
    }

    @Override
    public Optional<String> objection(Site site) {
      return objects.objection(site.node());
    }
  }

  /** A rule that turns numbers among the attributes into inputs of the type of the others. */
  private record Typed(Rule rule) implements Rule {
    @Override
    public List<Node> apply(Site site) {
      return rule.apply(site);
    }

    @Override
    public Optional<String> objection(Site site) {
      boolean needed =
          site.node().opType().equals("Pad")
              || site.node().attribute("min").isPresent()
              || site.node().attribute("max").isPresent();
      return needed && site.type().isEmpty()
          ? Optional.of(
              "its bounds or fill must be of the element type of '"
                  + site.node().inputs().get(0)
                  + "', which neither the model declares nor its operators tell")
          : Optional.empty();
    }
  }

  private static final Rule KEEP = site -> List.of(site.node());

  private final Map<String, Map<Integer, Rule>> rules = new HashMap<>();

  OpsetRules() {
    put("Scan", 9, refuse("before opset 9 its inputs and outputs were batched"));
    put("BatchNormalization", 9, new Refusable(dropAttribute("spatial"), OpsetRules::spatial));
    put("BatchNormalization", 14, new Refusable(KEEP, OpsetRules::trainingOutputs));
    put("Upsample", 9, OpsetRules::scalesToInput);
    ResizeRule resize = new ResizeRule();
    put("Upsample", 10, resize::ofUpsample);
    put("Resize", 11, resize);
    put("Resize", 13, ResizeRule::oneOfScalesAndSizes);
    put("Slice", 10, OpsetRules::slice10);
    put("TopK", 10, site -> attributeToInput(site, "k", 1, true));
    put("Clip", 11, new Typed(OpsetRules::clip11));
    put("Pad", 11, new Typed(OpsetRules::pad11));
    put("Scatter", 11, site -> List.of(site.node().toBuilder().opType("ScatterElements").build()));
    put("Dropout", 12, OpsetRules::dropout12);
    for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      put(op, 13, SoftmaxRule::apply);
    }
    for (String op : List.of("Squeeze", "Unsqueeze", "ReduceSum")) {
      put(op, 13, site -> attributeToInput(site, "axes", 1, false));
    }
    put("Split", 13, site -> attributeToInput(site, "split", 1, false));
    put("RoiAlign", 16, OpsetRules::roiAlign16);
    for (String op :
        Set.of(
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSumSquare")) {
      put(op, 18, site -> attributeToInput(site, "axes", 1, false));
    }
    put("Split", 18, OpsetRules::split18);
    put("GridSample", 20, OpsetRules::gridSample20);
    put("DFT", 20, site -> attributeToInput(withDefault(site, "axis", 1), "axis", 2, true));
    put("GroupNormalization", 21, refuse("its scale was one a group and is one a channel now"));
  }

  private void put(String operator, int version, Rule rule) {
    rules.computeIfAbsent(operator, o -> new HashMap<>()).put(version, rule);
  }

  Optional<Rule> find(String operator, int version) {
    return Optional.ofNullable(rules.getOrDefault(operator, Map.of()).get(version));
  }

  private static Rule refuse(String why) {
    return new Refusable(KEEP, node -> Optional.of(why));
  }

  private static Rule dropAttribute(String name) {
    return site -> List.of(site.node().toBuilder().removeAttribute(name).build());
  }

  private static Optional<String> spatial(Node node) {
    return node.intAttribute("spatial", 1) == 0
        ? Optional.of("its attribute 'spatial' is 0, which went away with opset 9")
        : Optional.empty();
  }

  private static Optional<String> trainingOutputs(Node node) {
    return node.outputs().stream().filter(o -> !o.isEmpty()).count() > 1
        ? Optional.of("it has the outputs of training mode")
        : Optional.empty();
  }

  /** A Constant node, which works in graphs, subgraphs and functions alike. */
  static Node constant(Initializer value) {
    return Node.builder("Constant")
        .name(value.name())
        .outputs(value.name())
        .attribute(Attribute.of("value", value))
        .build();
  }

  private static Node constantInts(String name, long... values) {
    return constant(Initializer.longs(name, values, values.length));
  }

  private static Node withInput(Node.Builder builder, Node node, int index, String input) {
    List<String> inputs = new ArrayList<>(node.inputs());
    while (inputs.size() <= index) {
      inputs.add("");
    }
    inputs.set(index, input);
    return builder.inputs(inputs.toArray(String[]::new)).build();
  }

  private static Site withDefault(Site site, String attribute, long value) {
    return site.node().attribute(attribute).isPresent()
        ? site
        : new Site(
            site.node().toBuilder().attribute(Attribute.of(attribute, value)).build(),
            site.version(),
            site.fresh(),
            site.ranks(),
            site.types(),
            site.constants());
  }

  /** Moves an integer attribute to an input, if it is there. */
  private static List<Node> attributeToInput(
      Site site, String attribute, int index, boolean single) {
    Optional<Attribute> value = site.node().attribute(attribute);
    if (value.isEmpty()) {
      return List.of(site.node());
    }
    String name = site.newName(attribute);
    boolean scalar = single && site.node().opType().equals("DFT");
    Node constant =
        scalar
            ? constant(Initializer.longs(name, new long[] {value.get().asInt()}))
            : constantInts(name, single ? new long[] {value.get().asInt()} : value.get().asInts());
    return List.of(
        constant,
        withInput(site.node().toBuilder().removeAttribute(attribute), site.node(), index, name));
  }

  private static List<Node> scalesToInput(Site site) {
    float[] scales = site.node().attribute("scales").map(Attribute::asFloats).orElse(new float[0]);
    String name = site.newName("scales");
    return List.of(
        constant(Initializer.floats(name, scales, scales.length)),
        withInput(site.node().toBuilder().removeAttribute("scales"), site.node(), 1, name));
  }

  private static List<Node> slice10(Site site) {
    Node node = site.node();
    long[] starts = node.attribute("starts").map(Attribute::asInts).orElse(new long[0]);
    long[] ends = node.attribute("ends").map(Attribute::asInts).orElse(new long[0]);
    Optional<long[]> axes = node.attribute("axes").map(Attribute::asInts);
    List<Node> nodes = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    inputs.add(node.inputs().get(0));
    inputs.add(site.newName("starts"));
    nodes.add(constantInts(inputs.get(1), starts));
    inputs.add(site.newName("ends"));
    nodes.add(constantInts(inputs.get(2), ends));
    if (axes.isPresent()) {
      inputs.add(site.newName("axes"));
      nodes.add(constantInts(inputs.get(3), axes.get()));
    }
    nodes.add(
        node.toBuilder()
            .removeAttribute("starts")
            .removeAttribute("ends")
            .removeAttribute("axes")
            .inputs(inputs.toArray(String[]::new))
            .build());
    return nodes;
  }

  private static List<Node> clip11(Site site) {
    Node node = site.node();
    List<Node> nodes = new ArrayList<>();
    List<String> inputs = new ArrayList<>(List.of(node.inputs().get(0)));
    for (String bound : List.of("min", "max")) {
      Optional<Attribute> value = node.attribute(bound);
      if (value.isPresent()) {
        String name = site.newName(bound);
        nodes.add(site.scalar(name, value.get().asFloat()));
        inputs.add(name);
      } else {
        inputs.add("");
      }
    }
    while (inputs.get(inputs.size() - 1).isEmpty()) {
      inputs.remove(inputs.size() - 1);
    }
    nodes.add(
        node.toBuilder()
            .removeAttribute("min")
            .removeAttribute("max")
            .inputs(inputs.toArray(String[]::new))
            .build());
    return nodes;
  }

  private static List<Node> pad11(Site site) {
    Node node = site.node();
    long[] pads = node.attribute("pads").map(Attribute::asInts).orElse(new long[0]);
    float value = node.attribute("value").map(Attribute::asFloat).orElse(0f);
    String padsName = site.newName("pads");
    String valueName = site.newName("value");
    return List.of(
        constantInts(padsName, pads),
        site.scalar(valueName, value),
        node.toBuilder()
            .removeAttribute("pads")
            .removeAttribute("value")
            .inputs(node.inputs().get(0), padsName, valueName)
            .build());
  }

  private static List<Node> dropout12(Site site) {
    Node node = site.node();
    float ratio = node.attribute("ratio").map(Attribute::asFloat).orElse(0.5f);
    String name = site.newName("ratio");
    return List.of(
        constant(Initializer.floats(name, new float[] {ratio})),
        node.toBuilder().removeAttribute("ratio").inputs(node.inputs().get(0), name).build());
  }

  private static List<Node> roiAlign16(Site site) {
    return List.of(
        site.node().toBuilder()
            .attribute(Attribute.of("coordinate_transformation_mode", "output_half_pixel"))
            .build());
  }

  private static List<Node> split18(Site site) {
    Node node = site.node();
    return node.input(1).isPresent()
        ? List.of(node)
        : List.of(
            node.toBuilder().attribute(Attribute.of("num_outputs", node.outputs().size())).build());
  }

  private static List<Node> gridSample20(Site site) {
    Node node = site.node();
    String mode = node.attribute("mode").map(Attribute::asString).orElse("bilinear");
    String renamed =
        switch (mode) {
          case "bilinear" -> "linear";
          case "bicubic" -> "cubic";
          default -> mode;
        };
    return List.of(node.toBuilder().attribute(Attribute.of("mode", renamed)).build());
  }
}
