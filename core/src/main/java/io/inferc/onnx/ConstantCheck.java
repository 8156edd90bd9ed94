package io.inferc.onnx;

import io.inferc.common.InfercException;
import io.inferc.onnx.ModelProblem.Severity;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Looks for constants whose values do not fit their type and dims, or are not there. */
final class ConstantCheck {
  private static final String DAMAGED =
      "The file is damaged or was written by a faulty exporter: export the model again.";

  private final OnnxModel model;
  private final List<ModelProblem> problems;

  ConstantCheck(OnnxModel model, List<ModelProblem> problems) {
    this.model = model;
    this.problems = problems;
  }

  /** Checks one constant without opening a file. */
  void size(String location, Initializer constant) {
    TensorProto t = constant.proto();
    String here = location + " / constant '" + Locations.cut(t.getName()) + "'";
    try {
      long wanted = TensorBytes.byteSize(t);
      if (TensorBytes.isExternal(t)) {
        external(here, ExternalData.of(t), wanted);
      } else if (t.getDataType() == DataType.STRING.onnxCode()) {
        count(here, "string_data", t.getStringDataCount(), TensorBytes.elementCount(t));
      } else if (t.hasMappedRun() || t.hasRawData()) {
        count(here, "raw_data", size(TensorBytes.raw(t, constant.files())), wanted);
      } else {
        typedCount(here, t);
      }
    } catch (InfercException e) {
      add(here, "dims", e.problem(), e.remedy());
    }
  }

  private static long size(List<ByteBuffer> chunks) {
    return chunks.stream().mapToLong(ByteBuffer::remaining).sum();
  }

  private void external(String here, ExternalData data, long wanted) {
    Optional<String> objection = ExternalFiles.objectionTo(data.location());
    if (objection.isPresent()) {
      add(
          here,
          "external_data",
          "Its values are in '" + data.location() + "', but " + objection.get() + ".",
          "External data must lie in the model's own folder: do not use this model unless you trust"
              + " its source.");
    } else if (data.length().isPresent() && data.length().getAsLong() != wanted) {
      count(here, "external_data length", data.length().getAsLong(), wanted);
    }
  }

  private void typedCount(String here, TensorProto t) {
    DataType type = TensorBytes.type(t);
    long elements = TensorBytes.elementCount(t);
    switch (type) {
      case FLOAT32 -> count(here, "float_data", t.getFloatDataCount(), elements);
      case COMPLEX64 -> count(here, "float_data", t.getFloatDataCount(), 2 * elements);
      case FLOAT64 -> count(here, "double_data", t.getDoubleDataCount(), elements);
      case COMPLEX128 -> count(here, "double_data", t.getDoubleDataCount(), 2 * elements);
      case INT64 -> count(here, "int64_data", t.getInt64DataCount(), elements);
      case UINT64, UINT32 -> count(here, "uint64_data", t.getUint64DataCount(), elements);
      default ->
          // Types under a byte are packed, one byte an entry.
          count(
              here,
              "int32_data",
              t.getInt32DataCount(),
              type.bitWidth() < 8 ? type.byteSize(elements) : elements);
    }
  }

  private void count(String here, String field, long found, long wanted) {
    if (found != wanted) {
      add(
          here,
          field,
          "Its type and dims ask for "
              + wanted
              + (field.equals("raw_data") || field.startsWith("external") ? " bytes" : " values")
              + ", but there are "
              + found
              + ".",
          DAMAGED);
    }
  }

  private void add(String here, String field, String message, String remedy) {
    problems.add(new ModelProblem(Severity.ERROR, here, field, message, remedy));
  }

  /** Checks the files of every external constant, wherever it stands in the model. */
  void files() {
    TensorProtos.each(
        model,
        (t, files) -> {
          if (TensorBytes.isExternal(t)) {
            try {
              TensorBytes.chunks(t, files);
            } catch (InfercException e) {
              add("constant '" + t.getName() + "'", "external_data", e.problem(), e.remedy());
            }
          }
        });
  }
}
