package io.inferc.testing;

import static io.inferc.testing.ProtoModels.a;
import static io.inferc.testing.ProtoModels.body;
import static io.inferc.testing.ProtoModels.call;
import static io.inferc.testing.ProtoModels.choice;
import static io.inferc.testing.ProtoModels.function;
import static io.inferc.testing.ProtoModels.graph;
import static io.inferc.testing.ProtoModels.model;
import static io.inferc.testing.ProtoModels.node;
import static io.inferc.testing.ProtoModels.opset;
import static io.inferc.testing.ProtoModels.pair;
import static io.inferc.testing.ProtoModels.ref;

import io.inferc.onnx.internal.proto.AttributeProto.AttributeType;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Files of models whose structure no exporter writes: functions and graphs in each other without
 * end, operator sets that are none, and names that are taken.
 */
public final class HostileStructures {
  private final Map<String, Supplier<byte[]>> models = new LinkedHashMap<>();

  private HostileStructures() {}

  /** All of them, with those of {@link HostileBodies} and {@link HostileNodes}. */
  public static Map<String, Supplier<byte[]>> all() {
    HostileStructures made = new HostileStructures();
    made.chains();
    made.circles();
    made.overloads();
    made.references();
    made.nesting();
    made.opsets();
    made.names();
    made.models.putAll(HostileBodies.all());
    made.models.putAll(HostileNodes.all());
    return made.models;
  }

  private void add(String name, Supplier<ModelProto.Builder> model) {
    models.put(name, () -> model.get().build().toByteArray());
  }

  private static NodeProto relu() {
    return node("Relu", "x", "y");
  }

  private static ModelProto.Builder calling(String function, FunctionProto.Builder... functions) {
    return model(graph(call(function, "c x", "y")), functions);
  }

  private void chains() {
    for (int length : new int[] {40, 64, 65, 500, 20_000}) {
      add(length + " functions in a chain", () -> chain(length, false));
    }
    add("500 functions in a chain through branches", () -> chain(500, true));
    add("30 functions in a chain through branches", () -> chain(30, true));
    for (int depth : new int[] {4, 12, 15, 40, 60}) {
      add("functions that double " + depth + " times", () -> doubling(depth, false));
      add(
          "functions that double in both branches " + depth + " times",
          () -> doubling(depth, true));
    }
    add(
        "functions that double 40 times and do nothing",
        () -> {
          ModelProto.Builder model = doubling(40, false);
          return model.setFunctions(40, function("f40").setOutput(0, "x"));
        });
    add(
        "a function that is never called, of functions that double",
        () -> doubling(40, false).setGraph(graph(relu())));
  }

  private static ModelProto.Builder chain(int length, boolean branches) {
    ModelProto.Builder model = calling("f0");
    for (int i = 0; i < length; i++) {
      NodeProto next = i == length - 1 ? relu() : call("f" + (i + 1), "c x", "y");
      model.addFunctions(
          function(
              "f" + i,
              branches
                  ? choice(body("t", pair("y"), next), body("e", pair("y"), relu()), "y")
                  : next));
    }
    return model;
  }

  private static ModelProto.Builder doubling(int depth, boolean branches) {
    ModelProto.Builder model = calling("f0");
    for (int i = 0; i < depth; i++) {
      String next = "f" + (i + 1);
      model.addFunctions(
          branches
              ? function(
                  "f" + i,
                  choice(
                      body("t", pair("a"), call(next, "c x", "a")),
                      body("e", pair("b"), call(next, "c x", "b")),
                      "y"))
              : function("f" + i, call(next, "c x", "a"), call(next, "c a", "y")));
    }
    return model.addFunctions(function("f" + depth, relu()));
  }

  private void circles() {
    add("a function that calls itself", () -> calling("f", function("f", call("f", "c x", "y"))));
    add(
        "a function that calls itself in a branch",
        () ->
            calling(
                "f",
                function(
                    "f",
                    choice(
                        body("t", pair("a"), call("f", "c x", "a")),
                        body("e", pair("b"), node("Relu", "x", "b")),
                        "y"))));
    for (int length : new int[] {2, 500}) {
      add(
          length + " functions in a circle",
          () -> chain(length, false).addFunctions(function("f" + length, call("f0", "c x", "y"))));
      add(
          length + " functions in a circle through branches",
          () -> {
            ModelProto.Builder model = chain(length, true);
            return model.setFunctions(
                length - 1,
                function(
                    "f" + (length - 1),
                    choice(
                        body("t", pair("a"), call("f0", "c x", "a")),
                        body("e", pair("b"), node("Relu", "x", "b")),
                        "y")));
          });
    }
    add(
        "two functions in a circle that nobody calls",
        () ->
            model(
                graph(relu()),
                function("f", call("g", "c x", "y")),
                function("g", call("f", "c x", "y"))));
    add(
        "a function that hides the operator it calls",
        () ->
            model(graph(relu()), function("Relu", relu()).setDomain(""))
                .addOpsetImport(opset("", 17)));
  }

  private void overloads() {
    add(
        "a call of an overload that is missing",
        () ->
            model(
                graph(call("f", "c x", "y").toBuilder().setOverload("other").build()),
                function("f", relu()).setOverload("one")));
    add(
        "a call without the overload",
        () -> calling("f", function("f", relu()).setOverload("one")));
    add(
        "an overload of an operator",
        () -> model(graph(relu().toBuilder().setOverload("one").build())));
    for (String second : new String[] {"", "two"}) {
      add(
          "two overloads '' and '" + second + "' of a function",
          () -> calling("f", function("f", relu()), function("f", relu()).setOverload(second)));
    }
    add(
        "an overload that calls the other",
        () ->
            calling(
                "f",
                function("f", call("f", "c x", "y").toBuilder().setOverload("two").build()),
                function("f", relu()).setOverload("two")));
    add("a call of a function that is missing", () -> calling("f", function("g", relu())));
    add("a function without a name", () -> calling("", function("", relu())));
    add("a function without nodes", () -> calling("f", function("f")));
    add("a function without imports", () -> calling("f", function("f", relu()).clearOpsetImport()));
    add(
        "a function of another opset",
        () -> calling("f", function("f", relu()).setOpsetImport(0, opset("", 7))));
    add(
        "a function with one input twice",
        () -> calling("f", function("f", relu()).setInput(0, "x")));
    add(
        "a function with one output twice",
        () -> model(graph(call("f", "c x", "y z")), function("f", relu()).addOutput("y")));
    add("a function that returns its input", () -> calling("f", function("f").setOutput(0, "x")));
    add(
        "a call with too few inputs",
        () -> model(graph(call("f", "", "y")), function("f", relu())));
    add(
        "a call with inputs left out",
        () -> model(graph(call("f", "c -", "y")), function("f", relu())));
    add(
        "a call with too many inputs",
        () -> model(graph(call("f", "c x x x x", "y")), function("f", relu())));
    add(
        "a call with too many outputs",
        () -> model(graph(call("f", "c x", "y z")), function("f", relu())));
    add(
        "a call without outputs",
        () -> model(graph(call("f", "c x", ""), relu()), function("f", relu())));
  }

  private void references() {
    NodeProto flatten = node("Flatten", "x", "y", ref("axis", AttributeType.INT, "missing"));
    add("a reference to a parameter that is missing", () -> calling("f", function("f", flatten)));
    add("a reference in the graph itself", () -> model(graph(flatten)));
    add(
        "a reference in a branch of the graph itself",
        () ->
            model(
                graph(choice(body("t", pair("y"), flatten), body("e", pair("y"), flatten), "y"))));
    add(
        "a reference to a parameter of another kind",
        () ->
            model(
                graph(call("f", "c x", "y", a("missing", "text"))),
                function("f", flatten).addAttribute("missing")));
    add(
        "a parameter that the call leaves out",
        () -> calling("f", function("f", flatten).addAttribute("missing")));
    add(
        "a parameter whose value in turn is one",
        () ->
            model(
                graph(call("f", "c x", "y", ref("missing", AttributeType.INT, "missing"))),
                function("f", flatten).addAttribute("missing")));
    add(
        "a default that refers to itself",
        () ->
            calling(
                "f",
                function("f", flatten)
                    .addAttributeProto(ref("missing", AttributeType.INT, "missing"))));
    for (AttributeType type :
        new AttributeType[] {
          AttributeType.UNDEFINED, AttributeType.TENSOR, AttributeType.GRAPH, AttributeType.INTS
        }) {
      add(
          "a constant that refers to a missing " + type,
          () ->
              calling(
                  "f", function("f", node("Constant", "", "y", ref("value", type, "missing")))));
      add(
          "branches that refer to a missing " + type,
          () ->
              calling(
                  "f",
                  function(
                      "f",
                      node(
                          "If",
                          "c",
                          "y",
                          ref("then_branch", type, "missing"),
                          ref("else_branch", type, "missing")))));
    }
    GraphProto branch = body("t", pair("z"), node("Relu", "x", "z"));
    add(
        "branches that a call gives",
        () ->
            model(
                graph(call("f", "c x", "y", a("branch", branch))),
                function(
                        "f",
                        node(
                            "If",
                            "c",
                            "y",
                            ref("then_branch", AttributeType.GRAPH, "branch"),
                            ref("else_branch", AttributeType.GRAPH, "branch")))
                    .addAttribute("branch")));
    add(
        "a branch that a call gives and that calls the function",
        () ->
            model(
                graph(
                    call(
                        "f", "c x", "y", a("branch", body("t", pair("z"), call("f", "c x", "z"))))),
                function(
                        "f",
                        node(
                            "If",
                            "c",
                            "y",
                            ref("then_branch", AttributeType.GRAPH, "branch"),
                            ref("else_branch", AttributeType.GRAPH, "branch")))
                    .addAttribute("branch")));
  }

  private void nesting() {
    for (int depth : new int[] {15, 16, 30, 40, 60, 100, 1000, 10_000}) {
      models.put(depth + " branches in each other", () -> DeepIf.model(depth));
    }
  }

  private void opsets() {
    for (long version : new long[] {1_000_000_000, 0, -1, 1L << 40, Long.MIN_VALUE, 1, 30}) {
      add("opset " + version, () -> model(graph(relu())).setOpsetImport(0, opset("", version)));
      add(
          "a function of opset " + version,
          () -> calling("f", function("f", relu()).setOpsetImport(0, opset("", version))));
      add(
          "another domain of version " + version,
          () -> calling("f", function("f", relu())).setOpsetImport(1, opset("own", version)));
    }
    add("a domain imported twice", () -> model(graph(relu())).addOpsetImport(opset("", 17)));
    add(
        "a domain imported in three versions",
        () ->
            model(graph(relu())).addOpsetImport(opset("ai.onnx", 7)).addOpsetImport(opset("", 9)));
    add("no import", () -> model(graph(relu())).clearOpsetImport());
    add("only another domain", () -> calling("f", function("f", relu())).removeOpsetImport(0));
    for (long version : new long[] {0, -1, 1L << 40, 99}) {
      add("IR version " + version, () -> model(graph(relu())).setIrVersion(version));
    }
  }

  private void names() {
    TensorProto constant = ProtoModels.scalar("x", DataType.FLOAT32, 1);
    add("a constant named as an input", () -> model(graph(relu()).addInitializer(constant)));
    add("a node that makes an input", () -> model(graph(relu(), node("Relu", "y", "x"))));
    add("a node that reads what it makes", () -> model(graph(node("Add", "x y", "y"))));
    add("an output twice", () -> model(graph(relu()).addOutput(pair("y"))));
    add("an input that is an output", () -> model(graph().clearOutput().addOutput(pair("x"))));
    add(
        "a branch that makes what is around it",
        () ->
            model(
                graph(
                    choice(
                        body("t", pair("x"), node("Relu", "x", "x")),
                        body("e", pair("y"), relu()),
                        "y"))));
    add(
        "branches that make what the If makes",
        () ->
            model(graph(choice(body("t", pair("y"), relu()), body("e", pair("y"), relu()), "y"))));
    add(
        "a branch that reads what the If makes",
        () ->
            model(
                graph(
                    choice(
                        body("t", pair("z"), node("Relu", "y", "z")),
                        body("e", pair("v"), node("Relu", "x", "v")),
                        "y"))));
    add(
        "a branch that returns what is around it",
        () -> model(graph(choice(body("t", pair("x")), body("e", pair("x")), "y"))));
    add(
        "a branch with a constant named as what is around it",
        () ->
            model(
                graph(
                    choice(
                        body("t", pair("z"), node("Relu", "x", "z")).toBuilder()
                            .addInitializer(constant)
                            .build(),
                        body("e", pair("v"), node("Relu", "x", "v")),
                        "y"))));
    add(
        "an output without a name",
        () -> model(graph(node("Relu", "x", "-")).clearOutput().addOutput(pair(""))));
    add(
        "nodes of one name",
        () ->
            model(
                graph(
                    node("Relu", "x", "z").toBuilder().setName("n").build(),
                    node("Relu", "z", "y").toBuilder().setName("n").build())));
  }
}
