package io.inferc.onnx;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.NumpyFiles;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Samples that lie in a folder of files, each read when it is visited. A sample is
 *
 * <ul>
 *   <li>an {@code .npz} archive, whose arrays are named like the model's inputs, or
 *   <li>a subfolder with a file for each input: {@code .npy} files named like the inputs, or {@code
 *       .pb} files with a TensorProto that bears the input's name (or has none and the file does).
 *       Files named {@code output_*.pb}, the expected outputs of ONNX test data, are passed over.
 * </ul>
 *
 * <p>So a folder of ONNX test data, {@code model.onnx} beside {@code test_data_set_0} and its like,
 * can be opened as it is. Samples come in the order of their names. Hidden files, and {@code .onnx}
 * files beside the samples, are passed over; anything else is refused, so that no sample is left
 * out unnoticed.
 *
 * <pre>{@code
 * Dataset samples = SampleFolder.open(Path.of("calibration"));
 * }</pre>
 */
public final class SampleFolder {
  private SampleFolder() {}

  /**
   * Opens a folder. Its files must stay as they are while the data set is used.
   *
   * @param folder the folder
   * @return a data set that may be visited from several threads at once; visits throw {@link
   *     InfercException} for files that cannot be read
   * @throws InfercException if the folder is missing or holds no samples or something else
   */
  public static Dataset open(Path folder) {
    Objects.requireNonNull(folder, "folder");
    List<Path> samples =
        entries(folder).stream().filter(f -> Files.isDirectory(f) || !isNamed(f, ".onnx")).toList();
    if (samples.isEmpty()) {
      throw refused(folder, "it holds no samples.");
    }
    for (Path sample : samples) {
      if (!Files.isDirectory(sample) && !isNamed(sample, ".npz")) {
        throw refused(
            folder, sample.getFileName() + " is neither a subfolder nor an .npz archive.");
      }
    }
    return Dataset.generated(samples.size(), i -> read(samples.get((int) i)));
  }

  private static List<Path> entries(Path folder) {
    // Listing a pipe would wait for somebody to write to it.
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw refused(folder, "it is no folder.");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> !name(f).startsWith(".")).sorted().toList();
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.IMPORT, e);
      throw new InfercException(
          Stage.IMPORT,
          "Tried to list the samples in " + folder + ", but that failed: " + e + ".",
          "Check that it is a folder and can be read.",
          e);
    }
  }

  private static Map<String, Tensor> read(Path sample) {
    if (!Files.isDirectory(sample)) {
      Map<String, Tensor> arrays = NumpyFiles.readArchive(sample);
      if (arrays.isEmpty()) {
        throw refused(sample, "it is empty.");
      }
      return arrays;
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    boolean complete = false;
    try {
      for (Path file : entries(sample)) {
        if (isNamed(file, ".npy")) {
          put(sample, tensors, stem(file), NumpyFiles.read(file));
        } else if (!isNamed(file, ".pb")) {
          throw refused(sample, name(file) + " is neither an .npy nor a .pb file.");
        } else if (!name(file).startsWith("output_")) {
          TensorFile tensor = TensorFile.open(file);
          String name = tensor.name().isEmpty() ? stem(file) : tensor.name();
          put(sample, tensors, name, tensor.tensor());
        }
      }
      if (tensors.isEmpty()) {
        throw refused(sample, "it has no tensors.");
      }
      complete = true;
      return tensors;
    } finally {
      if (!complete) {
        tensors.values().forEach(Tensor::close);
      }
    }
  }

  private static void put(Path sample, Map<String, Tensor> to, String name, Tensor tensor) {
    Tensor former = to.put(name, tensor);
    if (former != null) {
      former.close();
      throw refused(sample, "two of its files hold the input '" + name + "'.");
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static boolean isNamed(Path file, String suffix) {
    return name(file).endsWith(suffix);
  }

  private static String stem(Path file) {
    return name(file).substring(0, name(file).lastIndexOf('.'));
  }

  private static InfercException refused(Path where, String found) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to read samples from " + where + ", but " + found,
        "Give each sample as an .npz archive, or as a subfolder with an .npy or .pb file for each"
            + " input of the model.");
  }
}
