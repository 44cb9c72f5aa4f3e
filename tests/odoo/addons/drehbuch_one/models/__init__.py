from . import note, partner
