package io.inferc.accuracy;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says which outputs of a detector hold what of its boxes, for {@link Tolerance#boxes}.
 *
 * <pre>{@code
 * BoxLayout afterNms = BoxLayout.separate("boxes", "scores").labels("labels").count("num");
 * BoxLayout rows = BoxLayout.rows("output").columns(2, 1, 0);
 * BoxLayout yolo = BoxLayout.head("output0", 80);
 * }</pre>
 *
 * <p>Immutable.
 */
public final class BoxLayout {
  private static final double SAME_OBJECT = 0.45;

  private static final int BLOCK = 1 << 14;

  private enum Kind {
    SEPARATE,
    ROWS,
    HEAD
  }

  private final Kind kind;
  private final String main;
  private final String scores;
  private final @Nullable String labels;
  private final @Nullable String count;
  private final BoxFormat format;
  // Of rows: the first column of the box, score, label, and that of the image, or -1.
  private final List<Integer> columns;
  private final int classes;

  private BoxLayout(
      Kind kind,
      String main,
      String scores,
      @Nullable String labels,
      @Nullable String count,
      BoxFormat format,
      List<Integer> columns,
      int classes) {
    this.kind = kind;
    this.main = Objects.requireNonNull(main, "output");
    this.scores = Objects.requireNonNull(scores, "scores");
    this.labels = labels;
    this.count = count;
    this.format = Objects.requireNonNull(format, "format");
    this.columns = List.copyOf(columns);
    this.classes = classes;
  }

  /**
   * Boxes and scores in outputs of their own, as after non-maximum suppression: boxes [n, 4] or
   * [batch, n, 4], scores [n] or [batch, n], or one for each class [n, classes] or [batch, n,
   * classes], of which the best counts.
   *
   * @param boxes the output with the boxes, corners unless {@link #format} says otherwise
   * @param scores the output with the scores
   * @return the layout, without labels: all boxes are of one class, or of the best scored one
   */
  public static BoxLayout separate(String boxes, String scores) {
    Objects.requireNonNull(boxes, "boxes");
    return new BoxLayout(Kind.SEPARATE, boxes, scores, null, null, BoxFormat.CORNERS, List.of(), 0);
  }

  /**
   * One output with a row for each box: [n, columns] or [batch, n, columns], box, score and label
   * in this order unless {@link #columns} says otherwise.
   *
   * @param output the output
   * @return the layout
   */
  public static BoxLayout rows(String output) {
    return new BoxLayout(
        Kind.ROWS, output, output, null, null, BoxFormat.CORNERS, List.of(0, 4, 5, -1), 0);
  }

  /**
   * The head of a YOLO before non-maximum suppression: [batch, 4 + classes, n], or [batch, n, 4 +
   * classes], or with one score more, of an object at all, before those of the classes. Boxes are
   * centers and sizes unless {@link #format} says otherwise. Of boxes of one class that overlap by
   * an IoU of more than 0.45 the best scored one is kept.
   *
   * @param output the output
   * @param classes how many classes there are
   * @return the layout
   * @throws IllegalArgumentException if there are none
   */
  public static BoxLayout head(String output, int classes) {
    if (classes < 1) {
      throw new IllegalArgumentException(
          "Tried to describe a detector of " + classes + " classes; it takes 1 or more.");
    }
    return new BoxLayout(
        Kind.HEAD, output, output, null, null, BoxFormat.CENTER_AND_SIZE, List.of(), classes);
  }

  /**
   * Names the output with the classes of separate boxes: [n] or [batch, n].
   *
   * @param output the output
   * @return a copy
   * @throws IllegalStateException if the boxes are not {@link #separate}
   */
  public BoxLayout labels(String output) {
    Objects.requireNonNull(output, "output");
    require(Kind.SEPARATE, "an output for labels");
    return new BoxLayout(kind, main, scores, output, count, format, columns, classes);
  }

  /**
   * Names the output that says how many boxes of each image count, the first ones: [batch], [batch,
   * 1] or a scalar.
   *
   * @param output the output
   * @return a copy
   * @throws IllegalStateException if the boxes are not {@link #separate}
   */
  public BoxLayout count(String output) {
    Objects.requireNonNull(output, "output");
    require(Kind.SEPARATE, "an output for their number");
    return new BoxLayout(kind, main, scores, labels, output, format, columns, classes);
  }

  /**
   * Says where in a row to find what.
   *
   * @param box the first of four columns of the box, from 0
   * @param score the column of the score
   * @param label the column of the class, or -1 if there is none
   * @return a copy
   * @throws IllegalStateException if the boxes are not {@link #rows}
   */
  public BoxLayout columns(int box, int score, int label) {
    require(Kind.ROWS, "columns");
    List<Integer> changed = List.of(box, score, label, columns.get(3));
    return new BoxLayout(kind, main, scores, labels, count, format, changed, classes);
  }

  /**
   * Says which column of a row holds the image's place in the batch.
   *
   * @param column the column, from 0
   * @return a copy
   * @throws IllegalStateException if the boxes are not {@link #rows}
   */
  public BoxLayout imageColumn(int column) {
    require(Kind.ROWS, "a column for the image");
    List<Integer> changed = List.of(columns.get(0), columns.get(1), columns.get(2), column);
    return new BoxLayout(kind, main, scores, labels, count, format, changed, classes);
  }

  /**
   * Says what the numbers of a box are.
   *
   * @param format the format
   * @return a copy
   */
  public BoxLayout format(BoxFormat format) {
    return new BoxLayout(kind, main, scores, labels, count, format, columns, classes);
  }

  private void require(Kind needed, String what) {
    if (kind != needed) {
      throw new IllegalStateException(
          "Tried to name "
              + what
              + " of boxes in '"
              + main
              + "', but only BoxLayout."
              + (needed == Kind.ROWS ? "rows(output)" : "separate(boxes, scores)")
              + " has such.");
    }
  }

  /**
   * Returns the outputs that hold the boxes.
   *
   * @return names, the boxes first
   */
  public Set<String> outputs() {
    Set<String> outputs = new LinkedHashSet<>(List.of(main, scores));
    if (labels != null) {
      outputs.add(labels);
    }
    if (count != null) {
      outputs.add(count);
    }
    return outputs;
  }

  /** Reads the boxes with at least a score, best first. */
  List<DetectedBox> read(Map<String, Tensor> outputs, double minScore) {
    List<DetectedBox> boxes = new ArrayList<>();
    switch (kind) {
      case SEPARATE -> readSeparate(outputs, minScore, boxes);
      case ROWS -> readRows(tensor(outputs, main), minScore, boxes);
      case HEAD -> readHead(tensor(outputs, main), minScore, boxes);
    }
    boxes.sort(Comparator.comparingDouble(DetectedBox::score).reversed());
    return kind == Kind.HEAD ? suppressed(boxes) : boxes;
  }

  private void readSeparate(Map<String, Tensor> outputs, double minScore, List<DetectedBox> boxes) {
    Tensor corners = tensor(outputs, main);
    Tensor scored = tensor(outputs, this.scores);
    long[] shape = corners.shape();
    require(shape.length >= 2 && shape[shape.length - 1] == 4, corners, "[n, 4] or [batch, n, 4]");
    int each = (int) shape[shape.length - 2];
    int images = each == 0 ? 0 : (int) (corners.elementCount() / 4 / each);
    int all = images * each;
    int perBox = all == 0 ? 1 : Math.toIntExact(scored.elementCount() / all);
    require(
        perBox > 0 && scored.elementCount() == (long) all * perBox, scored, "a score for each box");
    double[] box = new double[4];
    double[] score = new double[perBox];
    double[] label = labels == null ? new double[0] : tensor(outputs, labels).toDoubleArray();
    double[] counted = count == null ? new double[0] : tensor(outputs, count).toDoubleArray();
    for (int i = 0; i < all; i++) {
      int image = i / each;
      if (image < counted.length && i % each >= counted[image]) {
        continue;
      }
      scored.readDoubles((long) i * perBox, score, perBox);
      int best = TopK.indices(score, 0, perBox, 1)[0];
      if (score[best] >= minScore) {
        corners.readDoubles(4L * i, box, 4);
        boxes.add(box(image, i < label.length ? label[i] : best, score[best], box, 0));
      }
    }
  }

  private void readRows(Tensor rows, double minScore, List<DetectedBox> boxes) {
    int width = rows.rank() < 2 ? 0 : (int) rows.size(rows.rank() - 1);
    int needed =
        Math.max(columns.get(0) + 4, 1 + columns.stream().mapToInt(c -> c).max().orElse(0));
    require(width >= needed, rows, "rows of " + needed + " columns or more");
    int each = (int) rows.size(rows.rank() - 2);
    double[] values = new double[width];
    for (long i = 0; i < rows.elementCount() / width; i++) {
      rows.readDoubles(i * width, values, width);
      double score = values[columns.get(1)];
      if (score >= minScore) {
        long image = columns.get(3) < 0 ? i / each : (long) values[columns.get(3)];
        double label = columns.get(2) < 0 ? 0 : values[columns.get(2)];
        boxes.add(box(image, label, score, values, columns.get(0)));
      }
    }
  }

  private void readHead(Tensor head, double minScore, List<DetectedBox> boxes) {
    long[] shape = head.shape();
    int rank = shape.length;
    boolean columnsFirst = rank >= 2 && isEntry(shape[rank - 2]) && !isEntry(shape[rank - 1]);
    require(
        rank >= 2 && (columnsFirst || isEntry(shape[rank - 1])),
        head,
        "4 or 5 numbers and " + classes + " scores for each box");
    int entry = (int) shape[columnsFirst ? rank - 2 : rank - 1];
    int each = (int) shape[columnsFirst ? rank - 1 : rank - 2];
    long images = head.elementCount() == 0 ? 0 : head.elementCount() / entry / each;
    int block = Math.max(1, Math.min(each, BLOCK / entry));
    double[] values = new double[block * entry];
    double[] part = new double[block];
    for (long image = 0; image < images; image++) {
      for (int start = 0; start < each; start += block) {
        int count = Math.min(block, each - start);
        long from = image * each * entry;
        if (columnsFirst) {
          for (int e = 0; e < entry; e++) {
            head.readDoubles(from + (long) e * each + start, part, count);
            for (int i = 0; i < count; i++) {
              values[i * entry + e] = part[i];
            }
          }
        } else {
          head.readDoubles(from + (long) start * entry, values, count * entry);
        }
        for (int i = 0; i < count; i++) {
          addEntry(image, values, i * entry, entry - classes, minScore, boxes);
        }
      }
    }
  }

  /** Adds the box of an entry: where it is, whether it is one, and the classes' scores. */
  private void addEntry(
      long image, double[] values, int from, int first, double minScore, List<DetectedBox> boxes) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (values[from + first + c] > values[from + first + best]) {
        best = c;
      }
    }
    double score = (first == 5 ? values[from + 4] : 1) * values[from + first + best];
    if (score >= minScore) {
      boxes.add(box(image, best, score, values, from));
    }
  }

  private boolean isEntry(long size) {
    return size == 4 + classes || size == 5 + classes;
  }

  private DetectedBox box(long image, double label, double score, double[] values, int from) {
    return DetectedBox.of(
        image,
        (long) label,
        score,
        format,
        values[from],
        values[from + 1],
        values[from + 2],
        values[from + 3]);
  }

  private static List<DetectedBox> suppressed(List<DetectedBox> bestFirst) {
    List<DetectedBox> kept = new ArrayList<>();
    for (DetectedBox box : bestFirst) {
      if (kept.stream().noneMatch(k -> k.isLike(box) && k.overlap(box) > SAME_OBJECT)) {
        kept.add(box);
      }
    }
    return kept;
  }

  private static Tensor tensor(Map<String, Tensor> outputs, String name) {
    Tensor tensor = outputs.get(name);
    if (tensor == null) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to read boxes from the output '" + name + "', but there is none of that name.",
          "The outputs are " + outputs.keySet() + "; describe these with BoxLayout.");
    }
    return tensor;
  }

  private void require(boolean fits, Tensor found, String expected) {
    if (!fits) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to read boxes from "
              + outputs()
              + ", but found "
              + found
              + " in place of "
              + expected
              + ".",
          "Describe the outputs with BoxLayout.separate, rows or head, or make them so in an"
              + " OutputView.");
    }
  }

  /** Returns what is where, in a few words. */
  @Override
  public String toString() {
    return kind
        + " "
        + outputs()
        + " "
        + format
        + (columns.isEmpty() ? "" : " " + columns)
        + (classes == 0 ? "" : " of " + classes + " classes");
  }
}
