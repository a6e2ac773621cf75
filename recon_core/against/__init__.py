"""Another tool's list of missing files, held against what recon proved; and what recon takes over from it."""

from recon_core.against.adopting import adopt
from recon_core.against.comparing import Answer, compare
from recon_core.against.reading import Claim, read_claims

__all__ = ["Answer", "Claim", "adopt", "compare", "read_claims"]
