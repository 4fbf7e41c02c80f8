"""How Rasa is started: lean imports, actions within the process, tuning."""

import os

# Read by FAISS and OpenBLAS when they are imported. A turn works on single vectors: more threads find nothing to
# share, keep the other cores busy with waiting, and hold memory of their own.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
