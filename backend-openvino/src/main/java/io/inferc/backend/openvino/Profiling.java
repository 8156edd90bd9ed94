package io.inferc.backend.openvino;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/** Reads what a request measured of each kernel. */
final class Profiling {
  // A status of 4 bytes and 4 to fill, two times, three texts.
  private static final int ENTRY_BYTES = 48;
  // What a kernel that took less than a microsecond says too.
  private static final int NOT_RUN = 0;
  private static final int EXECUTED = 2;

  private Profiling() {}

  /**
   * One node of the graph that was compiled.
   *
   * @param name the node's name
   * @param type its operator, such as {@code FullyConnected}
   * @param kernel the implementation, such as {@code brgemm_avx512_i8}
   * @param micros the time of the last run in microseconds
   */
  record Entry(String name, String type, String kernel, long micros) {
    /** Inputs, outputs and what was fused into another kernel have none of their own. */
    boolean hasKernel() {
      return !kernel.isEmpty() && !kernel.startsWith("unknown") && !kernel.startsWith("undef");
    }
  }

  static List<Entry> read(Pointer request) {
    Memory list = Calls.cells(2);
    Calls.check(OpenVinoC.ov_infer_request_get_profiling_info(request, list));
    try {
      List<Entry> entries = new ArrayList<>();
      long count = list.getLong(8);
      for (long i = 0; i < count; i++) {
        Pointer at = list.getPointer(0).share(i * ENTRY_BYTES);
        Entry entry =
            new Entry(
                text(at.getPointer(24)),
                text(at.getPointer(40)),
                text(at.getPointer(32)),
                at.getLong(8));
        int status = at.getInt(0);
        if (status == EXECUTED || (status == NOT_RUN && entry.hasKernel())) {
          entries.add(entry);
        }
      }
      return List.copyOf(entries);
    } finally {
      OpenVinoC.ov_profiling_info_list_free(list);
    }
  }

  private static String text(Pointer text) {
    return text == null ? "" : Calls.read(text);
  }
}
