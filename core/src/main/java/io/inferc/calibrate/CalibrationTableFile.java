package io.inferc.calibrate;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import java.io.IOException;
import java.nio.file.Path;

/** Writes and reads the files of calibration tables. */
final class CalibrationTableFile {
  private CalibrationTableFile() {}

  static void write(CalibrationTable table, Path file) {
    try {
      RegularFiles.replace(file, out -> out.write(CalibrationTableJson.write(table)));
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.CALIBRATE, e);
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to save a calibration table to " + file + ", but writing failed: " + e + ".",
          "Check that the folder exists, its permissions and the free space; nothing was changed.",
          e);
    }
  }

  static CalibrationTable read(Path file) {
    byte[] json;
    try {
      json = RegularFiles.readAllBytes(file);
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.CALIBRATE, e);
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to load a calibration table from " + file + ", but reading failed: " + e + ".",
          "Check that the file exists and can be read.",
          e);
    }
    try {
      return CalibrationTableJson.read(json);
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.CALIBRATE, e);
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to load a calibration table from "
              + file
              + ", but it is damaged or something else: "
              + e.getMessage()
              + ".",
          "Calibrate the model again and save its table.",
          e);
    }
  }
}
