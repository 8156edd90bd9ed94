package io.inferc.backend.openvino;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;

/** Reads what a port, one input or output of a model, says of itself. */
final class Ports {
  // Rank: two bounds; then a pointer to two bounds for each dimension.
  private static final int PARTIAL_SHAPE_CELLS = 3;

  private Ports() {}

  /**
   * One input or output.
   *
   * @param name one of its names, or "" if it has none
   * @param type the library's number of its element type
   * @param shape fixed and unknown dimensions
   */
  record Port(String name, int type, TensorShape shape) {}

  /** Makes a handle to a port in the cell that it is given. */
  interface ByIndex {
    int get(long index, Pointer cell);
  }

  /** Reads all ports of one side of a model. */
  static List<Port> read(long count, ByIndex ports) {
    List<Port> read = new ArrayList<>();
    Memory cell = Calls.cell();
    for (long i = 0; i < count; i++) {
      cell.clear();
      Calls.check(ports.get(i, cell));
      Pointer port = Calls.handle(cell);
      try {
        read.add(new Port(name(port), elementType(port), shape(port)));
      } finally {
        OpenVinoC.ov_output_const_port_free(port);
      }
    }
    return List.copyOf(read);
  }

  private static String name(Pointer port) {
    Memory cell = Calls.cell();
    // Failing here means that the port has no name, as in some models of other frameworks.
    return OpenVinoC.ov_port_get_any_name(port, cell) == 0 ? Calls.takeText(cell) : "";
  }

  static int elementType(Pointer port) {
    Memory cell = Calls.cell();
    Calls.check(OpenVinoC.ov_port_get_element_type(port, cell));
    return cell.getInt(0);
  }

  private static TensorShape shape(Pointer port) {
    Memory shape = Calls.cells(PARTIAL_SHAPE_CELLS);
    Calls.check(OpenVinoC.ov_port_get_partial_shape(port, shape));
    try {
      long rank = shape.getLong(0);
      if (rank != shape.getLong(8) || rank < 0) {
        return TensorShape.unknownRank();
      }
      List<Dimension> dimensions = new ArrayList<>();
      Pointer bounds = shape.getPointer(16);
      for (long axis = 0; axis < rank; axis++) {
        long min = bounds.getLong(16 * axis);
        long max = bounds.getLong(16 * axis + 8);
        dimensions.add(min == max && min >= 0 ? Dimension.fixed(min) : Dimension.unknown());
      }
      return TensorShape.of(dimensions);
    } finally {
      OpenVinoC.ov_partial_shape_free(shape);
    }
  }
}
