// Preloaded into a program (LD_PRELOAD): each time that the program has made the image of a
// checkpoint, appends a line to the file HDF5_IDS_REPORT with the number of HDF5 identifiers that
// are in use, so that a test sees whether any are left behind. For tests.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>

// Of the library itself: H5Inmembers refuses the types of identifiers that are its own.
int64_t H5I_nmembers(H5I_type_t type);

static long long Count(H5I_type_t type) { return (long long)H5I_nmembers(type); }

static void Report(void) {
  const char* const path = getenv("HDF5_IDS_REPORT");
  FILE* const file = path == NULL ? NULL : fopen(path, "a");
  if (file == NULL) return;
  fprintf(file, "files %lld groups %lld datasets %lld spaces %lld types %lld lists %lld\n",
          Count(H5I_FILE), Count(H5I_GROUP), Count(H5I_DATASET), Count(H5I_DATASPACE),
          Count(H5I_DATATYPE), Count(H5I_GENPROP_LST));
  fclose(file);
}

ssize_t H5Fget_file_image(hid_t file, void* buffer, size_t size) {
  ssize_t (*const call)(hid_t, void*, size_t) =
      (ssize_t(*)(hid_t, void*, size_t))dlsym(RTLD_NEXT, "H5Fget_file_image");
  const ssize_t bytes = call(file, buffer, size);
  if (buffer != NULL) Report();
  return bytes;
}
