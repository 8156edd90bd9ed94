/**
 * The ONNX model as an immutable graph over the schema: loaded without copying its weights,
 * checked, edited by transformation, upgraded to newer operator sets, and saved without losing
 * anything. Nothing here knows a runtime.
 *
 * <p>Start at {@link io.inferc.onnx.OnnxModel}; {@link io.inferc.onnx.GraphEditor} changes a graph,
 * and {@link io.inferc.onnx.ModelSource} hands a model to a back end.
 *
 * <pre>{@code
 * OnnxModel model = OnnxModel.load(Path.of("model.onnx")).upgradeOpset(21);
 * GraphEditor editor = model.graph().edit();
 * for (Node node : model.graph().nodes()) {
 *   if (node.opType().equals("Dropout")) {
 *     editor.replaceUses(node.outputs().get(0), node.inputs().get(0));
 *     editor.remove(node);
 *   }
 * }
 * model.withGraph(editor.build()).save(Path.of("smaller.onnx"));
 * }</pre>
 */
@NullMarked
package io.inferc.onnx;

import org.jspecify.annotations.NullMarked;
