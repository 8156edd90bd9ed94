package io.inferc.backend.tensorrt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.KernelInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what an engine says of its layers: what each was made of, and what it computes in. */
final class LayerInformation {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ONNX_LAYER = "[ONNX Layer: ";
  private static final Pattern PRECISION =
      Pattern.compile(
          "\\b(FP32|FP16|FP8|FP4|BF16|Int8|Int4|Int32|Int64|Bool|Float|Half|BFloat16|UInt8)\\b",
          Pattern.CASE_INSENSITIVE);

  /** What kernels of products are called, by the layer's type or by the kernel's own name. */
  private static final Pattern PRODUCT =
      Pattern.compile("gemm|conv|fprop|matmul|matrix|fully", Pattern.CASE_INSENSITIVE);

  private static final Map<String, String> NAMES =
      Map.of(
          "float",
          "FP32",
          "half",
          "FP16",
          "bfloat16",
          "BF16",
          "int8",
          "INT8",
          "int4",
          "INT4",
          "int32",
          "INT32",
          "int64",
          "INT64",
          "bool",
          "BOOL",
          "uint8",
          "UINT8");

  private LayerInformation() {}

  /**
   * Reads the engine inspector's JSON.
   *
   * @param model what messages call the model
   * @param text the JSON text; layers are objects, or only names in an engine without details
   */
  static List<KernelInfo> read(String model, String text) {
    JsonNode layers;
    try {
      layers = JSON.readTree(text).path("Layers");
    } catch (JsonProcessingException e) {
      throw new InfercException(
          Stage.COMPILE,
          "Tried to list the kernels of the model "
              + model
              + ", but what TensorRT says of them is no JSON: "
              + e.getOriginalMessage()
              + ".",
          "Report this with the version of TensorRT.",
          e);
    }
    List<KernelInfo> kernels = new ArrayList<>();
    Map<String, Integer> uses = new HashMap<>();
    for (JsonNode layer : layers) {
      kernels.add(kernel(layer, uses));
    }
    return kernels;
  }

  private static KernelInfo kernel(JsonNode layer, Map<String, Integer> uses) {
    String given = layer.isTextual() ? layer.asText() : layer.path("Name").asText("layer");
    // A layer may be listed once for each profile.
    int number = uses.merge(given, 1, Integer::sum);
    String name = number == 1 ? given : given + " #" + number;
    if (layer.isTextual()) {
      return new KernelInfo(name, "unknown", Optional.empty(), List.of(), Optional.empty());
    }
    String tactic = layer.path("TacticName").asText("");
    String type = layer.path("LayerType").asText("unknown");
    return new KernelInfo(
        name,
        tactic.isBlank() ? type : type + " " + tactic,
        precision(layer, PRODUCT.matcher(type + " " + tactic).find()),
        nodes(layer.path("Metadata").asText("")),
        Optional.empty());
  }

  /**
   * What a layer computes in: for products the type of the first argument, since one of integers
   * may well return floating point; for others that of the first result.
   */
  private static Optional<String> precision(JsonNode layer, boolean product) {
    Optional<String> result = firstType(layer.path("Outputs"));
    Optional<String> argument = firstType(layer.path("Inputs"));
    return product ? argument.or(() -> result) : result.or(() -> argument);
  }

  private static Optional<String> firstType(JsonNode tensors) {
    for (JsonNode tensor : tensors) {
      String format = tensor.path("Format/Datatype").asText(tensor.path("Datatype").asText(""));
      Matcher found = PRECISION.matcher(format);
      if (found.find()) {
        String word = found.group(1);
        return Optional.of(NAMES.getOrDefault(word.toLowerCase(Locale.ROOT), word));
      }
    }
    return Optional.empty();
  }

  static List<String> nodes(String metadata) {
    Set<String> nodes = new LinkedHashSet<>();
    int at = metadata.indexOf(ONNX_LAYER);
    while (at >= 0) {
      int end = metadata.indexOf(']', at);
      if (end < 0) {
        break;
      }
      nodes.add(metadata.substring(at + ONNX_LAYER.length(), end));
      at = metadata.indexOf(ONNX_LAYER, end);
    }
    return List.copyOf(nodes);
  }
}
