package io.inferc.execution.internal;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.FileTrees;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a saved model: the manifest, the payload that it names, and the lock.
 *
 * <p>A new payload is written under a draft's name and brought to the disk, then the manifest that
 * names it is moved over the old one, which is what replaces the model. Whatever the manifest does
 * not name is then deleted, by this writer or, if it dies, by the next.
 */
final class SavedFolder {
  private static final String MANIFEST_DRAFT = Manifest.FILE + ".draft";
  private static final String PAYLOAD_DRAFT = "payload.draft";

  /** What the first format called its payload. */
  private static final String FORMER_PAYLOAD = "payload";

  private static final Set<String> OWN_FILES =
      Set.of(FolderLock.FILE, Manifest.FILE, MANIFEST_DRAFT);
  private static final long LONGEST_MANIFEST = 1 << 26;
  private static final int ATTEMPTS = 10;

  private final Path folder;

  SavedFolder(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /**
   * Reads the manifest.
   *
   * @throws InfercException if there is none, or it cannot be used
   */
  Manifest manifest() {
    Path file = folder.resolve(Manifest.FILE);
    if (!Files.isRegularFile(file)) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to load a compiled model from "
              + folder
              + ", but there is no "
              + Manifest.FILE
              + " in it.",
          "Pass the folder that was given to CompiledModel.save(); an .onnx file is compiled with"
              + " Compiler.compile().");
    }
    try {
      return read(file);
    } catch (SavedModelJson.OtherFormat e) {
      throw otherFormat(file, e);
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to read " + file + ", but it is damaged: " + firstLine(e) + ".",
          "Copy the whole folder again, or save the model again from its source.",
          e);
    }
  }

  private static Manifest read(Path file) throws IOException {
    if (Files.size(file) > LONGEST_MANIFEST) {
      throw new IOException("it has " + Files.size(file) + " bytes");
    }
    return SavedModelJson.read(Files.readAllBytes(file));
  }

  private static InfercException otherFormat(Path file, SavedModelJson.OtherFormat e) {
    return e.isNewer()
        ? new InfercException(
            Stage.ARTIFACT,
            "Tried to read "
                + file
                + ", but a newer version of inferc saved it: "
                + firstLine(e)
                + ".",
            "Use that version of inferc, or compile the source model with this one and save it.",
            e)
        : new InfercException(
            Stage.ARTIFACT,
            "Tried to read "
                + file
                + ", but an older version of inferc saved it, without checksums: "
                + firstLine(e)
                + ".",
            "Compile the source model again and save it.",
            e);
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Gives the model to a loader while nothing is deleted. */
  // What is held while it loads is let go of at the end, and not looked at before.
  @SuppressWarnings("try")
  <T> T load(SavedModel.Loader<T> loader) {
    Closeable loading;
    try {
      loading = beginLoading();
    } catch (IOException e) {
      // Some file systems have no locks.
      return loadAgainIfReplaced(loader);
    }
    try (loading) {
      // The lock may be that of a writer who failed and deleted it.
      return loadAgainIfReplaced(loader);
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to give up the lock of " + folder + ", but that failed: " + e + ".",
          "Check whether the file system works.",
          e);
    }
  }

  private Closeable beginLoading() throws IOException {
    FolderLock lock = FolderLock.toLoad(folder.toRealPath());
    boolean complete = false;
    try {
      Closeable loading = lock.load();
      complete = true;
      return () -> {
        try {
          loading.close();
        } finally {
          lock.close();
        }
      };
    } finally {
      if (!complete) {
        lock.close();
      }
    }
  }

  /** For folders whose lock may not be that of a writer, as where one was copied without it. */
  private <T> T loadAgainIfReplaced(SavedModel.Loader<T> loader) {
    for (int attempt = 1; ; attempt++) {
      byte[] before = manifestBytes();
      try {
        return loadOnce(loader);
      } catch (InfercException e) {
        // Somebody may have replaced the model, and deleted the old one, meanwhile.
        if (attempt == ATTEMPTS || Arrays.equals(before, manifestBytes())) {
          throw e;
        }
      }
    }
  }

  private byte[] manifestBytes() {
    Path file = folder.resolve(Manifest.FILE);
    try {
      return Files.isRegularFile(file) && Files.size(file) <= LONGEST_MANIFEST
          ? Files.readAllBytes(file)
          : new byte[0];
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private <T> T loadOnce(SavedModel.Loader<T> loader) {
    Manifest manifest = manifest();
    Supplier<Path> payload = () -> checked(manifest);
    return loader.load(manifest.model(), payload);
  }

  private Path checked(Manifest manifest) {
    Path payload = folder.resolve(manifest.payload());
    try {
      for (SavedPart part : manifest.parts()) {
        Optional<String> objection = part.objectionTo(payload);
        if (objection.isPresent()) {
          throw damaged(manifest, objection.get(), null);
        }
      }
    } catch (IOException e) {
      throw damaged(manifest, e.toString(), e);
    }
    return payload;
  }

  private InfercException damaged(Manifest manifest, String found, @Nullable IOException cause) {
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to load the model "
            + manifest.model().name()
            + " from "
            + folder
            + ", but it is damaged: "
            + found
            + ".",
        "Copy the whole folder again, or save the model again from its source.",
        cause);
  }

  /**
   * Writes a model, or replaces the one that is there.
   *
   * @param payloadWriter writes the back end's files into an empty folder
   * @throws InfercException if something else is in the folder, or writing fails
   */
  void write(SavedModel model, Consumer<Path> payloadWriter) {
    String asked = "Tried to save the model " + model.name() + " to " + folder;
    Writing writing = new Writing(asked, model, payloadWriter);
    try {
      if (folder.getParent() == null) {
        throw new IOException("it has no parent folder");
      }
      // Before anything is made. Where there is a lock, others may be at work until it is held.
      if (!Files.isRegularFile(folder.resolve(FolderLock.FILE), LinkOption.NOFOLLOW_LINKS)) {
        refuseStrangers(asked);
      }
      List<Path> missing = missingFolders();
      try {
        beginAndRun(writing);
      } finally {
        if (!writing.published) {
          deleteEmpty(missing);
        }
      }
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          asked + ", but writing failed: " + e + ".",
          writing.published
              ? "The new model is in its place, but may be lost if the machine fails; check the"
                  + " disk."
              : "Check the free space and the permissions; " + whatIsThere() + ".",
          e);
    }
  }

  /** The folder and those above it that are not there, the innermost first. */
  private List<Path> missingFolders() {
    List<Path> missing = new ArrayList<>();
    for (Path p = folder; p != null && !Files.exists(p); p = p.getParent()) {
      missing.add(p);
    }
    return missing;
  }

  private static void deleteEmpty(List<Path> folders) {
    try {
      for (Path p : folders) {
        Files.deleteIfExists(p);
      }
    } catch (IOException e) {
      // Somebody else uses it.
    }
  }

  /** Again where another writer failed meanwhile, and took the folder or its lock with it. */
  private void beginAndRun(Writing writing) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Files.createDirectories(folder);
      try (FolderLock lock = FolderLock.toWrite(folder.toRealPath())) {
        writing.run(lock);
        return;
      } catch (NoSuchFileException e) {
        if (writing.begun || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private String whatIsThere() {
    return Files.exists(folder.resolve(Manifest.FILE))
        ? "the model that was there before still is"
        : "there is no model in the folder now";
  }

  /** One replacement of the model. */
  private final class Writing {
    private final String asked;
    private final SavedModel model;
    private final Consumer<Path> payloadWriter;
    private boolean begun;
    private boolean published;

    Writing(String asked, SavedModel model, Consumer<Path> payloadWriter) {
      this.asked = asked;
      this.model = model;
      this.payloadWriter = payloadWriter;
    }

    void run(FolderLock lock) throws IOException {
      Closeable writing = lock.write();
      begun = true;
      try {
        refuseStrangers(asked);
        sweep(lock, former().map(Manifest::payload));
        Path draft = Files.createDirectory(folder.resolve(PAYLOAD_DRAFT));
        payloadWriter.accept(draft);
        List<SavedPart> parts = SavedPart.describe(draft);
        force(draft);
        Path payload = free(parts);
        Files.move(draft, payload, StandardCopyOption.ATOMIC_MOVE);
        publish(new Manifest(model, payload.getFileName().toString(), parts));
        published = true;
        force(folder);
        Path parent = folder.getParent();
        if (parent != null) {
          force(parent);
        }
      } finally {
        try {
          sweep(lock, former().map(Manifest::payload));
          if (entries().equals(List.of(folder.resolve(FolderLock.FILE)))) {
            lock.discard();
          }
        } catch (IOException e) {
          // What is left now, the next writer deletes.
        } finally {
          writing.close();
        }
      }
    }

    private Path free(List<SavedPart> parts) {
      int number = 0;
      Path payload = folder.resolve(Manifest.payloadName(parts, number));
      while (Files.exists(payload, LinkOption.NOFOLLOW_LINKS)) {
        number++;
        payload = folder.resolve(Manifest.payloadName(parts, number));
      }
      return payload;
    }

    private void publish(Manifest manifest) throws IOException {
      Path draft = folder.resolve(MANIFEST_DRAFT);
      try (FileChannel channel =
          FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer text = ByteBuffer.wrap(SavedModelJson.write(manifest));
        while (text.hasRemaining()) {
          channel.write(text);
        }
        channel.force(true);
      }
      force(folder);
      try {
        Files.move(
            draft,
            folder.resolve(Manifest.FILE),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        throw new IOException("the file system cannot replace a file in one step", e);
      }
    }
  }

  /** Brings the entries of a folder to the disk, where the system can open a folder. */
  private static void force(Path directory) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(directory, StandardOpenOption.READ);
    } catch (IOException e) {
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }

  /** The manifest that is there, if it can be read. */
  private Optional<Manifest> former() {
    Path file = folder.resolve(Manifest.FILE);
    try {
      return Files.isRegularFile(file) ? Optional.of(read(file)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Deletes what dead or failed writers left, and payloads that no manifest names any more. */
  private void sweep(FolderLock lock, Optional<String> named) throws IOException {
    FileTrees.deleteQuietly(folder.resolve(MANIFEST_DRAFT));
    FileTrees.deleteQuietly(folder.resolve(PAYLOAD_DRAFT));
    if (named.isEmpty() && Files.exists(folder.resolve(Manifest.FILE))) {
      // A manifest that cannot be read is no reason to delete what it may name.
      return;
    }
    Predicate<Path> unnamed =
        p ->
            isPayload(p.getFileName().toString())
                && !named.equals(Optional.of(p.getFileName().toString()));
    List<Path> old = entries().stream().filter(unnamed).toList();
    if (!old.isEmpty()) {
      // If somebody loads all the time, the next writer deletes them.
      lock.whileNobodyLoads(() -> old.forEach(FileTrees::deleteQuietly));
    }
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }

  private static boolean isPayload(String name) {
    return Manifest.isPayload(name) || name.equals(FORMER_PAYLOAD);
  }

  /** Refuses a folder with files that are not a saved model's, before anything is changed. */
  private void refuseStrangers(String asked) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw refused(asked, "there is a file of that name");
    }
    boolean hasManifest = Files.isRegularFile(folder.resolve(Manifest.FILE));
    for (Path entry : entries()) {
      String name = entry.getFileName().toString();
      boolean own =
          OWN_FILES.contains(name)
              ? Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
              : (Manifest.isPayload(name)
                      || name.equals(PAYLOAD_DRAFT)
                      || (name.equals(FORMER_PAYLOAD) && hasManifest))
                  && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
      // What has gone meanwhile was another writer's draft.
      if (!own && Files.exists(entry, LinkOption.NOFOLLOW_LINKS)) {
        throw refused(asked, "'" + name + "' is there, which belongs to no saved model");
      }
    }
    Optional<Manifest> former = former();
    if (former.isPresent()) {
      refuseStrangers(asked, former.get());
    }
  }

  private void refuseStrangers(String asked, Manifest former) throws IOException {
    Path payload = folder.resolve(former.payload());
    if (!Files.isDirectory(payload)) {
      return;
    }
    Set<String> parts = former.parts().stream().map(SavedPart::name).collect(Collectors.toSet());
    try (Stream<Path> files = Files.list(payload)) {
      Optional<Path> other =
          files.filter(f -> !parts.contains(f.getFileName().toString())).findFirst();
      if (other.isPresent()) {
        throw refused(asked, other.get() + " is there, which was not saved with the model");
      }
    } catch (NoSuchFileException e) {
      // Another writer has replaced it.
    }
  }

  private static InfercException refused(String asked, String found) {
    return new InfercException(
        Stage.ARTIFACT,
        asked + ", but " + found + ".",
        "Choose a new or empty folder, or move what is not the model's; nothing was changed.");
  }
}
