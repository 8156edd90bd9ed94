package io.inferc.onnx;

/** Which version of the intermediate representation came with which opset. */
final class IrVersions {
  private IrVersions() {}

  // First opset of each IR version from 3 on, from the table of published releases.
  private static final int[][] FIRST_OPSET = {
    {8, 3}, {9, 4}, {10, 5}, {11, 6}, {12, 7}, {15, 8}, {19, 9}, {21, 10}, {23, 11}, {24, 12},
    {25, 13}, {28, 14}
  };

  static int forOpset(int opset) {
    int ir = 3;
    for (int[] step : FIRST_OPSET) {
      if (opset >= step[0]) {
        ir = step[1];
      }
    }
    return ir;
  }
}
